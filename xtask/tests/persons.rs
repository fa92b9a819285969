//! No command and no page asks who somebody is (S1), and no page shows two persons (S2): every argument of every command,
//! every field of every form, every part of an address and everything that a page repeats stands in a list below.
//! Verbs, SQL and schema are walked beside the store (`edge/store/src/tests/selectors.rs`).

#[path = "repository/files.rs"]
mod files;

use files::{TextFile, text_files};
use std::collections::BTreeSet;

/// Types of arguments that can say nothing of a caller. `StaffHandle` and `StaffRole` are the operator's words for the
/// staff; `DemandNumber` counts legal demands; `each_io::Over` names
/// made-up callers of a bench.
const ARGUMENT_TYPES: &[&str] = &[
    "Option",
    "Vec",
    "PathBuf",
    "std",
    "path",
    "num",
    "NonZeroUsize",
    "bool",
    "u8",
    "u16",
    "u32",
    "u64",
    "usize",
    "f64",
    "Date",
    "Language",
    "Command",
    "StaffHandle",
    "StaffRole",
    "DemandKind",
    "DemandNumber",
    "DemandAnswer",
    "Asker",
    "each_io",
    "Over",
];

/// Arguments of text: where, which, and what it is.
const TEXT_ARGUMENTS: &[(&str, &str, &str)] = &[
    ("caseline/src/commands/backup.rs", "recipient", "public keys of age"),
    ("caseline/src/commands/backup.rs", "set", "the name of a backup set, which is a time"),
    ("caseline/src/commands/call.rs", "codec", "PCMU or PCMA"),
    ("caseline/src/commands/call.rs", "keys", "keys that a telephone presses, as a caller would"),
    ("caseline/src/commands/call.rs", "target", "the address of a line"),
    ("caseline/src/commands/demo.rs", "voice", "the name of a voice"),
    ("caseline/src/commands/import.rs", "column", "the name of a column of a feed"),
    ("caseline/src/commands/play.rs", "on", "names of stages"),
    ("caseline/src/commands/vault.rs", "peer", "the account that the line runs under"),
];

/// Fields of forms, questions behind `?`, and parts of paths: the name, and what it can hold.
const FIELDS: &[(&str, &str)] = &[
    ("authority", "how a representative showed the authority: one of two words"),
    ("begin", "the language of a chat"),
    ("choice", "an option of the question that is asked"),
    ("code", "a code: of the card, of a colleague's hand-over, or of the identity provider; never alone"),
    ("credential", "what a passkey answered"),
    ("day", "a day of a paper that is read together"),
    ("days", "30, 60 or 90"),
    ("form", "the seal of the form"),
    ("handle", "the operator's word for an account or a representative's card"),
    ("invite", "the secret of an invitation"),
    ("iss", "which identity provider answered"),
    ("joined", "that an account was just made"),
    ("key", "one of the keys that always work"),
    ("language", "of a page or a card"),
    ("login", "when one's own login began"),
    ("month", "a month of a paper that is read together"),
    ("number", "a case number, from the paper of a person who is there; what it does is a card, and it shows nothing"),
    ("outcome", "what became of the report in hand"),
    ("page", "the language of the page"),
    ("settle", "done or given back"),
    ("silent", "that nothing is answered"),
    ("state", "the secret of a sign-in by the identity provider"),
    ("step", "which question is answered"),
    ("to", "the page of the desk to go on with"),
    ("value", "the caller's own answer, which the conversation asked for"),
    ("what", "which deed of the page"),
    ("year", "a year of a paper that is read together"),
];

/// Structs of the pages that read what a browser does not send: the identity provider's answers.
const NOT_FROM_A_BROWSER: &[&str] = &["edge/web/src/staff/openid/provider.rs", "edge/web/src/staff/openid/token.rs"];

/// Everything that a page repeats: where, what, and of whom it is. Nothing of callers but of the one who is reading, or of the
/// one who left the ticket.
const REPEATED: &[(&str, &str, &str)] = &[
    ("chat.html", "text in asked.texts", "the question, to the caller who reads"),
    ("chat.html", "button in buttons", "the answers to choose from"),
    ("chat.html", "month in months", "of the calendar"),
    ("public.html", "other in languages", "of the line"),
    ("public.html", "text in who", "who the line is"),
    ("public.html", "row in urgent", "numbers to call in danger"),
    ("public.html", "text in row.texts", "numbers to call in danger"),
    ("public.html", "row in what", "what the line can do"),
    ("staff/cards.html", "(tag, name) in languages", "of the line"),
    ("staff/case.html", "finding in findings", "of the one case of the ticket"),
    ("staff/case.html", "fact in facts", "of the one case of the ticket"),
    ("staff/case.html", "told in fact.told", "of the one case of the ticket"),
    ("staff/case.html", "text in told.texts", "of the one case of the ticket"),
    ("staff/logins.html", "login in logins", "where the person of the desk who reads is signed in"),
    ("staff/next.html", "(state, words) in task.outcomes", "what may become of the one report in hand"),
    ("staff/representatives.html", "(tag, name) in languages", "of the line"),
    (
        "staff/representatives.html",
        "card in cards",
        "the operator's words for representatives' cards; clients are a number",
    ),
    ("staff/representatives.html", "days in days", "30, 60, 90"),
    ("staff/sheet.html", "(row, digits) in rows", "the codes of the one card"),
    ("text.html", "piece in text.pieces", "of one sentence"),
    ("told.html", "row in told", "what is told, to the caller who reads"),
    ("told.html", "text in row.texts", "what is told, to the caller who reads"),
];

/// Rust text without what is for tests alone.
fn code(file: &TextFile) -> &str {
    file.text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default()
}

/// The fields of every struct or enum that derives one of these: name and type.
fn fields_of_deriving(code: &str, derived: &[&str]) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for after in code.split("#[derive(").skip(1) {
        let Some((traits, rest)) = after.split_once(")]") else { continue };
        if !traits.split(',').any(|one| derived.contains(&one.trim())) {
            continue;
        }
        let body = rest.split("\n}").next().unwrap_or_default();
        let body = body.split_once('{').map_or("", |(_, body)| body);
        for row in body.lines().map(str::trim).filter(|row| !row.starts_with("//") && !row.starts_with('#')) {
            let row = ["pub(super) ", "pub(crate) ", "pub "].iter().fold(row, |row, seen| row.trim_start_matches(seen));
            let Some((name, kind)) = row.split_once(": ") else { continue };
            let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            if is_name {
                fields.push((name.to_owned(), kind.trim_end_matches(',').to_owned()));
            }
        }
    }
    fields
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// Arguments of commands that could say who somebody is.
fn asking_arguments(files: &[TextFile]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut listed: BTreeSet<_> = TEXT_ARGUMENTS.iter().map(|row| (row.0, row.1)).collect();
    for file in files.iter().filter(|file| file.is_rust() && file.path.starts_with("caseline/src/")) {
        for (name, kind) in fields_of_deriving(code(file), &["clap::Args", "clap::Subcommand", "clap::Parser", "Args"])
        {
            let is_text = words(&kind).any(|word| word == "String");
            let is_listed = TEXT_ARGUMENTS.iter().any(|(path, argument, _)| *path == file.path && *argument == name);
            listed.retain(|row| *row != (file.path.as_str(), name.as_str()));
            let unknown = words(&kind).find(|word| *word != "String" && !ARGUMENT_TYPES.contains(word));
            if is_text && !is_listed {
                faults.push(format!("{}: the argument {name} is text: whom could it name?", file.path));
            }
            if let Some(unknown) = unknown {
                faults.push(format!("{}: the argument {name} is a {unknown}: whom could it name?", file.path));
            }
        }
    }
    faults.extend(listed.iter().map(|(path, name)| format!("{path}: the argument {name} is listed and gone")));
    faults
}

/// What stands behind each of these in a text, up to an end.
fn behind<'t>(text: &'t str, before: &'t str, end: char) -> impl Iterator<Item = &'t str> {
    text.split(before).skip(1).filter_map(move |rest| rest.split_once(end).map(|(inside, _)| inside))
}

/// Names that pages take, in forms, behind a question mark and in paths, by file.
fn taken(files: &[TextFile]) -> BTreeSet<(String, String)> {
    let mut taken = BTreeSet::new();
    for file in files {
        let mut take = |name: &str| taken.insert((file.path.clone(), name.to_owned()));
        if file.path.starts_with("edge/web/templates/") && file.path.ends_with(".html") {
            let is_input = |piece: &str| !piece.trim_start().starts_with("<meta");
            for tag in file.text.split('<').map(|tag| format!("<{tag}")).filter(|tag| is_input(tag)) {
                behind(&tag, " name=\"", '"').for_each(|name| {
                    take(name);
                });
            }
        }
        if file.is_rust() && file.path.starts_with("edge/web/src/") && !file.path.contains("/tests") {
            let code = code(file);
            if !NOT_FROM_A_BROWSER.contains(&file.path.as_str()) {
                for (name, _) in fields_of_deriving(code, &["Deserialize", "serde::Deserialize"]) {
                    take(&name);
                }
            }
            for route in behind(code, "route(\"", '"') {
                behind(route, "{", '}').for_each(|name| {
                    take(name);
                });
            }
        }
    }
    taken
}

fn asking_fields(files: &[TextFile]) -> Vec<String> {
    let taken = taken(files);
    let unlisted = taken.iter().filter(|(_, name)| !FIELDS.iter().any(|row| row.0 == name));
    let gone = FIELDS.iter().filter(|row| !taken.iter().any(|(_, name)| name == row.0));
    unlisted
        .map(|(path, name)| format!("{path}: a page takes {name}: whom could it name?"))
        .chain(gone.map(|row| format!("the field {} is listed and gone", row.0)))
        .collect()
}

/// What pages repeat, by template.
fn repeated(files: &[TextFile]) -> BTreeSet<(String, String)> {
    let mut repeated = BTreeSet::new();
    for file in files {
        let Some(name) = file.path.strip_prefix("edge/web/templates/") else { continue };
        for part in file.text.split("{%").skip(1) {
            let part = part.split("%}").next().unwrap_or_default().trim_matches(['-', '+', '~', ' ']);
            if let Some(what) = part.strip_prefix("for ") {
                repeated.insert((name.to_owned(), what.trim().to_owned()));
            }
        }
    }
    repeated
}

fn repeating(files: &[TextFile]) -> Vec<String> {
    let repeated = repeated(files);
    let listed: BTreeSet<_> = REPEATED.iter().map(|row| (row.0.to_owned(), row.1.to_owned())).collect();
    let new = repeated.difference(&listed).map(|(page, what)| format!("{page} repeats {what}: of how many persons?"));
    let gone = listed.difference(&repeated).map(|(page, what)| format!("{page}: {what} is listed and gone"));
    new.chain(gone).collect()
}

#[test]
fn no_argument_of_a_command_says_who_somebody_is() {
    let faults = asking_arguments(&text_files());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_page_takes_who_somebody_is() {
    let faults = asking_fields(&text_files());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_page_repeats_persons() {
    let faults = repeating(&text_files());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_command_a_form_an_address_and_a_page_that_look_people_up_are_found() {
    let seeded = |path: &str, text: &str| vec![TextFile { path: path.to_owned(), text: text.to_owned() }];
    let is_found = |faults: Vec<String>, said: &str| {
        assert!(faults.iter().any(|fault| fault.contains(said)), "{said}: {faults:?}");
    };
    for (argument, said) in [
        ("phone: String", "the argument phone is text"),
        ("    born_on: Option<BirthDate>", "the argument born_on is a BirthDate"),
        ("pub last_name: Vec<String>", "the argument last_name is text"),
        ("case: CaseNumber", "the argument case is a CaseNumber"),
    ] {
        let command = format!(
            "/// Finds.\n#[derive(Debug, clap::Args)]\npub struct Find {{\n    #[arg(long)]\n{argument},\n}}\n"
        );
        is_found(asking_arguments(&seeded("caseline/src/commands/find.rs", &command)), said);
    }
    let form = "#[derive(Deserialize)]\nstruct Fields {\n    phone: String,\n}\n";
    is_found(asking_fields(&seeded("edge/web/src/staff/find.rs", form)), "a page takes phone");
    let input = "<form><label>Name <input name=\"last_name\"></label></form>";
    is_found(asking_fields(&seeded("edge/web/templates/staff/find.html", input)), "a page takes last_name");
    let path = "fn routes() { Router::new().route(\"/staff/people/{person}\", get(see)) }";
    is_found(asking_fields(&seeded("edge/web/src/staff/find.rs", path)), "a page takes person");
    let list = "<ul>{%- for case in cases -%}<li>{{ case }}</li>{% endfor %}</ul>";
    is_found(repeating(&seeded("edge/web/templates/staff/find.html", list)), "staff/find.html repeats case in cases");
}
