//! Nothing selects a person by telephone, name, address or birth date (property S1), and no answer holds two persons
//! (S2): a walk over the ports' verbs, every SQL statement and the whole schema, from their source text.
//! What the verbs do is left to the contract.

use std::path::Path;

/// Types that may stand in an argument of a verb, in whatever wrapping. A new one is thought about here first.
/// `Trying` and `ReturnPlace` carry what the network showed: it is counted, or found again within minutes, as a hash
/// under the key of one week, and reaches no case. `str` is the name of an obligation, which `obligation` makes of a
/// contact's id. `StaffHandle` is chosen by the operator for the staff.
const ARGUMENTS: &[&str] = &[
    "Time",
    "ContactId",
    "CaseId",
    "TaskId",
    "Channel",
    "Language",
    "Disposition",
    "Trying",
    "ReturnPlace",
    "CaseNumber",
    "CardCode",
    "FileReceipt",
    "Field",
    "NewFile",
    "NewReport",
    "NewTicket",
    "NewTask",
    "TaskContent",
    "TaskKind",
    "Duration",
    "Settled",
    "Assertion",
    "EnrolledSet",
    "FeedCounts",
    "AuditEntry",
    "ReportState",
    "NewInvite",
    "Secret",
    "Passkey",
    "ShownPasskey",
    "OpenidSubject",
    "StaffHandle",
    "AccountId",
    "Actor",
    "StaffDeed",
    "CardHandOver",
    "NewDemand",
    "DemandNumber",
    "RecordedDemand",
    "DemandAnswer",
    "Private",
    "Option",
    "String",
    "str",
    "u8",
    "u64",
    "u128",
    "dyn",
];
/// Arguments of text, by verb: the word of a file, and the name of an obligation.
const TEXT: &[(&str, &str)] = &[("check_file", "word_key"), ("change_task", "obligation")];
/// What is somebody's, in an answer.
const OF_A_PERSON: &[&str] =
    &["CaseId", "Assertion", "ClaimedTask", "TaskContent", "NewFile", "NewReport", "CaseNumber"];
const MANY: &[&str] = &["Vec<", "HashMap<", "BTreeMap<", "Box<dyn Iterator", "impl Stream", "BoxStream"];
/// Verbs whose answer has many things of one person, or of nobody; none names two.
const MANY_OF_ONE: &[&str] = &["read_case"];

/// Parts of a column's name that say it holds what identifies a person.
const PERSONAL: &[&str] =
    &["phone", "tel", "name", "address", "street", "zip", "birth", "dob", "email", "mail", "caller"];
/// Columns that say so and do not: figures and identity are the store's own; a caller is counted on the contact's row.
const NOT_PERSONAL: &[&str] = &["figures.name", "identity.name", "contacts.caller_counted"];
/// Columns by which anything is found or sorted: ids, keyed marks, kinds, counts and times.
const SELECTORS: &[&str] = &[
    "id",
    "contact",
    "case_id",
    "mark",
    "number_mark",
    "receipt_mark",
    "obligation",
    "task",
    "account",
    "deputy",
    "desk_number",
    "held_by",
    "held_until",
    "until_day",
    "handle",
    "kind",
    "state",
    "day",
    "week",
    "goes_at",
    "keep_until",
    "due_at",
    "expires_at",
    "lease_until",
    "quiet_until",
    "fencing",
    "settled_at",
    "content_goes_at",
    "last",
    "since",
    "disposition",
    "began",
    "began_at",
    "number",
    "card",
    "slot",
    "opened",
    "opened_day",
    "halted_day",
    "version",
    "place",
    "level",
    "outcome",
    "content",
    "sealed",
    "salt",
    "half_of",
    "ended_day",
    "ends_at",
    "name",
    "wrong_count",
    "by_representative",
];
/// The sealed columns of persons.
const SEALED: &[&str] = &["sealed", "content", "case_key", "number", "feed_rows", "digest"];
/// Tables of cases and what hangs on them.
const OF_CASES: &[&str] = &["cases", "case_versions", "reports", "tasks", "card_cases", "card_codes", "passkeys"];
/// Statements that read sealed values of several persons, none of which leaves the store: enrolled numbers, which become
/// a keyed set in the vault; and the heads of case keys, to see whether their secrets are there.
const INSIDE_ONLY: &[&str] = &[
    "SELECT id, case_key, number, feed_rows FROM cases WHERE number IS NOT NULL AND keep_until > ?1",
    "SELECT id, case_key FROM cases",
];

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The verbs of a trait: name, arguments, answer.
fn verbs(source: &str, of: &str) -> Vec<(String, String, String)> {
    let start = source.find(&format!("pub trait {of}")).expect("the trait is there");
    let body = &source[start..start + source[start..].find("\n}\n").expect("it ends")];
    let body: String = body.lines().filter(|row| !row.trim_start().starts_with("//")).collect::<Vec<_>>().join(" ");
    let mut found = Vec::new();
    for verb in body.split("fn ").skip(1) {
        let (name, rest) = verb.split_once('(').expect("arguments");
        let (arguments, rest) = rest.split_once(") ->").expect("an answer");
        let answer = rest.split_once(';').expect("no body").0;
        found.push((name.to_owned(), arguments.to_owned(), answer.trim().to_owned()));
    }
    found
}

fn faults_of_verbs(source: &str, of: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, arguments, answer) in verbs(source, of) {
        for argument in arguments.split(", ").map(str::trim).filter(|text| !text.is_empty() && *text != "&self") {
            let (argument_name, kind) = argument.split_once(':').unwrap_or(("", argument));
            for word in words(kind).filter(|word| !ARGUMENTS.contains(word)) {
                faults.push(format!("{name} takes a {word}"));
            }
            let is_text = words(kind).any(|word| word == "str" || word == "String");
            if is_text && !TEXT.contains(&(name.as_str(), argument_name.trim())) {
                faults.push(format!("{name} takes the text {argument_name}"));
            }
        }
        let is_many = MANY.iter().any(|many| answer.contains(many));
        if is_many && words(&answer).any(|word| OF_A_PERSON.contains(&word)) {
            let cases = words(&arguments).filter(|word| *word == "CaseId").count();
            if !MANY_OF_ONE.contains(&name.as_str()) || cases != 1 {
                faults.push(format!("{name} answers with several: {answer}"));
            }
        }
    }
    faults
}

fn faults_of_schema(sql: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let plain: String = sql.lines().map(|row| row.split("--").next().unwrap_or("")).collect::<Vec<_>>().join(" ");
    for statement in plain.split(';').map(str::trim).filter(|text| !text.is_empty()) {
        let (before, inside) = statement.split_once('(').unwrap_or((statement, ""));
        let head: Vec<&str> = before.split_whitespace().collect();
        if before.contains("INDEX") {
            // A part of an index may name what it leaves out (`WHERE`): those columns select as well.
            for column in words(inside).filter(|word| !is_of_sql(word)) {
                if !SELECTORS.contains(&column) || is_personal("", column) {
                    faults.push(format!("an index on {column}"));
                }
            }
            continue;
        }
        let (table, columns) = match head.as_slice() {
            ["ALTER", "TABLE", table, "ADD", "COLUMN", column, ..] => (*table, vec![(*column).to_owned()]),
            [.., table] => {
                (*table, inside.split(',').filter_map(|row| row.split_whitespace().next()).map(str::to_owned).collect())
            }
            [] => continue,
        };
        for column in columns.iter().filter(|column| column.chars().all(|c| c.is_lowercase() || c == '_')) {
            if is_personal(table, column) {
                faults.push(format!("{table} has {column}"));
            }
        }
        for row in inside.split(',').filter(|row| row.contains("UNIQUE") || row.contains("PRIMARY KEY")) {
            let keyed = row.split_whitespace().next().unwrap_or("");
            let keyed = if keyed == "PRIMARY" { "" } else { keyed };
            if !keyed.is_empty() && !SELECTORS.contains(&keyed) {
                faults.push(format!("{table} is keyed by {keyed}"));
            }
        }
    }
    faults
}

fn is_personal(table: &str, column: &str) -> bool {
    let says_so = column.split('_').any(|part| PERSONAL.contains(&part));
    says_so && !NOT_PERSONAL.contains(&format!("{table}.{column}").as_str())
}

/// SQL statements in a source file: whatever stands in quotes and begins with a verb of SQL.
fn statements(source: &str) -> Vec<String> {
    let source = source.replace("\\\n", "");
    let quoted = source.split('"').skip(1).step_by(2);
    let begins = ["SELECT ", "INSERT ", "UPDATE ", "DELETE "];
    let found = quoted.filter(|text| begins.iter().any(|begin| text.starts_with(begin)));
    found.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// The words of SQL itself, and of its functions.
fn is_of_sql(word: &str) -> bool {
    word.chars().next().is_some_and(|c| c.is_uppercase() || c.is_numeric()) || word == "excluded"
}

fn faults_of_statement(sql: &str) -> Vec<String> {
    let mut faults = Vec::new();
    // All that stands behind WHERE, ON or ORDER BY, without text in quotes, tables before a dot and parts to come.
    let mut outside = sql.split('\'').step_by(2).collect::<Vec<_>>().join(" ");
    // Longer names first: `cases.` ends `card_cases.`.
    for table in ["card_cases", "card_codes", "case_versions"].iter().chain(OF_CASES).chain(&[
        "access",
        "contacts",
        "return_places",
        "log_entries",
        "log_links",
        "staff_accounts",
        "tickets",
        "ticket_openings",
        "caller_contacts",
        "figures",
        "staff_passkeys",
        "staff_subjects",
        "attempts",
        "known_callers",
        "cards",
        "breadth",
    ]) {
        for keyword in ["FROM", "JOIN", "INTO", "UPDATE"] {
            outside =
                outside.replace(&format!("{keyword} {table} "), " ").replace(&format!("{keyword} {table})"), " )");
        }
        outside = outside.replace(&format!("{table}."), " ");
    }
    for part in outside.split(" WHERE ").skip(1) {
        let part = part.split(" RETURNING ").next().unwrap_or(part);
        for word in words(part).filter(|word| !is_of_sql(word)) {
            if !SELECTORS.contains(&word)
                || (is_personal("", word) && !sql.contains("figures") && !sql.contains("identity"))
            {
                faults.push(format!("selects by {word}: {sql}"));
            }
        }
    }
    if sql.contains(" LIKE ") || sql.contains(" GLOB ") || sql.contains(" MATCH ") {
        faults.push(format!("searches: {sql}"));
    }
    let Some((columns, rest)) = sql.strip_prefix("SELECT ").and_then(|rest| rest.split_once(" FROM ")) else {
        return faults;
    };
    let is_of_cases = rest.split_whitespace().next().is_some_and(|table| OF_CASES.contains(&table));
    let is_sealed =
        columns.replace("COUNT(*)", "").contains('*') || words(columns).any(|column| SEALED.contains(&column));
    let by_one = [" id = ?1", "case_id = ?1", " mark = ?1", " task = ?1", "_mark = ?1", "obligation = ?1"];
    if is_of_cases && is_sealed && !by_one.iter().any(|one| rest.contains(one)) && !INSIDE_ONLY.contains(&sql) {
        faults.push(format!("reads several persons: {sql}"));
    }
    faults
}

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
}

fn crate_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn no_verb_takes_who_somebody_is_or_answers_with_two_persons() {
    let helpline = crate_folder().join("../../helpline/src");
    for (file, of, at_least) in [
        ("ports.rs", "Store", 25),
        ("staff.rs", "StaffStore", 10),
        ("tickets.rs", "TicketDesk", 9),
        ("openid.rs", "OpenidDesk", 3),
        ("logins.rs", "LoginDesk", 2),
        ("demand.rs", "DemandStore", 4),
    ] {
        let source = std::fs::read_to_string(helpline.join(file)).unwrap();
        assert!(verbs(&source, of).len() >= at_least, "the verbs of {of} are found");
        assert_eq!(faults_of_verbs(&source, of), Vec::<String>::new());
    }
}

#[test]
fn no_column_says_who_somebody_is_and_no_index_finds_by_it() {
    let mut files = Vec::new();
    sources(&crate_folder().join("migrations"), &mut files);
    assert!(files.len() >= 4);
    for (file, sql) in files {
        assert_eq!(faults_of_schema(&sql), Vec::<String>::new(), "{file}");
    }
}

#[test]
fn no_statement_selects_by_who_somebody_is_or_reads_two_persons() {
    let mut files = Vec::new();
    sources(&crate_folder().join("src"), &mut files);
    let (mut count, mut faults) = (0, Vec::new());
    for (file, source) in files.iter().filter(|(file, _)| !file.contains("tests") && !file.contains("/contract")) {
        for sql in statements(source) {
            count += 1;
            faults.extend(faults_of_statement(&sql).into_iter().map(|fault| format!("{file}: {fault}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(count > 100, "{count} statements were found");
}

#[test]
fn each_kind_of_violation_is_found() {
    let store = |verb: &str| format!("pub trait Store: Send {{\n    async fn {verb};\n}}\n");
    for (verb, said) in [
        ("find(&self, phone: &Private<Phone>) -> Done<Option<CaseId>>", "find takes a Phone"),
        ("find(&self, name: &str) -> Done<Option<CaseId>>", "find takes the text name"),
        ("find(&self, address: &Address) -> Done<()>", "find takes a Address"),
        ("find(&self, born_on: Date) -> Done<Option<CaseId>>", "find takes a Date"),
        ("all(&self, now: Time) -> Done<Vec<CaseId>>", "all answers with several: Done<Vec<CaseId>>"),
        (
            "two(&self, one: CaseId, other: CaseId) -> Done<Vec<Assertion>>",
            "two answers with several: Done<Vec<Assertion>>",
        ),
        ("export(&self) -> Done<BTreeMap<CaseId, u8>>", "export answers with several: Done<BTreeMap<CaseId, u8>>"),
    ] {
        assert_eq!(faults_of_verbs(&store(verb), "Store"), [said]);
    }
    for (sql, said) in [
        ("CREATE INDEX by_phone ON callers (phone);", "an index on phone"),
        ("CREATE INDEX by_key ON cases (digest);", "an index on digest"),
        ("CREATE INDEX some ON callers (id) WHERE phone IS NULL;", "an index on phone"),
        ("CREATE TABLE people (id BLOB, birth_day INTEGER);", "people has birth_day"),
        ("CREATE TABLE people (last_name TEXT UNIQUE);", "people has last_name"),
        ("ALTER TABLE cases ADD COLUMN home_address BLOB;", "cases has home_address"),
    ] {
        let faults = faults_of_schema(sql);
        assert_eq!(faults.first().map(String::as_str), Some(said), "{faults:?}");
    }
    for (sql, said) in [
        ("SELECT id FROM cases WHERE phone = ?1", "selects by phone"),
        ("SELECT id FROM contacts WHERE name = ?1", "selects by name"),
        ("DELETE FROM cases WHERE birth_day = ?1", "selects by birth_day"),
        ("SELECT id FROM cases WHERE address LIKE ?1", "selects by address"),
        ("SELECT id FROM cases WHERE number_mark LIKE ?1", "searches"),
        ("SELECT sealed FROM case_versions", "reads several persons"),
        ("SELECT * FROM cases WHERE keep_until > ?1", "reads several persons"),
        ("SELECT content FROM tasks WHERE state = 'open'", "reads several persons"),
    ] {
        let faults = faults_of_statement(sql);
        assert!(faults.first().is_some_and(|fault| fault.starts_with(said)), "{sql}: {faults:?}");
    }
    let found = statements("const A: &str = \"SELECT id FROM \\\n     cases WHERE id = ?1\";");
    assert_eq!(found, ["SELECT id FROM cases WHERE id = ?1"]);
}
