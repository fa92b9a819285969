//! The table as a page that a reviewer reads: docs/reference/policy.md is this text and nothing else.
//! What stands in the table is left to `policy/table`.

use super::{DataField, Proof, Rule, StaffRole, Surface, TABLE, Who, sees};
use std::fmt::Write;

const BEGIN: &str = "# Who may do what

Made from `helpline/src/policy/table.rs`, which the program asks before anything is done; a test holds this page to it, and
`CASELINE_WRITE_POLICY=1 cargo test -p caseline-helpline --test policy` writes it anew. What has no row is refused. Every page, every
command and every question that staff are asked by telephone stands in a row; a test of each part finds what is left over, and another
one tries every page of the desk with every role.

Roles are given by the operator with each account (`caseline staff invite --role ROLE`). `navigator` gives information and no legal
advice; `accredited` is a representative accredited by the Department of Justice (8 CFR 1292.12); `attorney` is a lawyer; `supervisor`
looks after the desk; `administrator` looks after the machine and sees nothing of callers.

No row lets anybody search, list or export callers or cases. Staff open a case by a ticket alone, which the person left to their desk
in a contact of their own, once and for fifteen minutes at the most; the person hears on which day and by which role.

## Actions

";

const FIELDS: &str = "
## Fields

What of a caller an action shows, and to whom. A field that is not here is shown to nobody.

";

const PLACES: &str = "
## Places

";

/// The page.
pub fn page() -> String {
    let mut text = String::from(BEGIN);
    row(&mut text, &cells("action", |role| role.as_str().to_owned(), "others", "needs"));
    row(&mut text, &["---"; 8].map(str::to_owned));
    for rule in TABLE {
        let mark = |role: StaffRole| match rule.who {
            Who::Anyone => "yes".to_owned(),
            Who::Roles(roles) if roles.contains(&role) => "yes".to_owned(),
            _ => "–".to_owned(),
        };
        row(&mut text, &cells(rule.what, mark, &others(rule), needs(rule.proof)));
    }
    text.push_str(FIELDS);
    let head = ["action", "field"].into_iter().chain(StaffRole::ALL.map(StaffRole::as_str));
    row(&mut text, &head.map(str::to_owned).collect::<Vec<_>>());
    row(&mut text, &["---"; 7].map(str::to_owned));
    for rule in TABLE {
        for (field, _) in rule.shows {
            row(&mut text, &field_row(rule, *field));
        }
    }
    text.push_str(PLACES);
    row(&mut text, &["action", "where"].map(str::to_owned));
    row(&mut text, &["---"; 2].map(str::to_owned));
    for rule in TABLE {
        let places: Vec<String> = rule.surfaces.iter().map(place).collect();
        row(&mut text, &[rule.what.to_owned(), places.join(", ")]);
    }
    text
}

fn cells(what: &str, of_role: impl Fn(StaffRole) -> String, others: &str, needs: &str) -> Vec<String> {
    let roles = StaffRole::ALL.map(of_role);
    [what.to_owned()].into_iter().chain(roles).chain([others.to_owned(), needs.to_owned()]).collect()
}

fn field_row(rule: &Rule, field: DataField) -> Vec<String> {
    let roles = StaffRole::ALL.map(|role| if sees(role, rule.action, field) { "yes" } else { "–" }.to_owned());
    [rule.what.to_owned(), field.words().to_owned()].into_iter().chain(roles).collect()
}

fn others(rule: &Rule) -> String {
    match rule.who {
        Who::Anyone => "anybody".into(),
        Who::Roles(_) => "–".into(),
        Who::Links(roles) => {
            let roles: Vec<String> = roles.iter().map(|role| format!("`{role}`")).collect();
            format!("numbers of the settings: {}", roles.join(", "))
        }
        Who::Operator => "the operator, at the machine".into(),
    }
}

const fn needs(proof: Proof) -> &'static str {
    match proof {
        Proof::None => "nothing",
        Proof::Login => "a login",
        Proof::FreshPasskey => "a passkey shown within five minutes",
        Proof::TwoPeople => "that, and another person's confirmation",
        Proof::Invitation => "an invitation",
        Proof::Machine => "access to the machine",
        Proof::Telephone => "the number that rings, or a code",
    }
}

fn place(surface: &Surface) -> String {
    match surface {
        Surface::Route(method, path) => format!("`{method} {path}`"),
        Surface::Command(name) => format!("`caseline {name}`"),
        Surface::Telephone(key) => format!("telephone: `{key}`"),
    }
}

fn row(text: &mut String, cells: &[String]) {
    // Writing to a text never fails.
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}
