//! Prints a page in its one layout, which reads back as the same page.
//! Recording a contact in a terminal and the shortest failing contact come out this way.

use super::{AgentDoes, CallerDoes, Condition, Doing, Entry, LineDoes, Script, Step};
use std::fmt::Write as _;

/// Prints a page.
pub fn print(script: &Script) -> String {
    let mut page = format!("# {}\n", script.title);
    if !script.about.is_empty() {
        page.push('\n');
        for about in &script.about {
            page.push_str(format!("> {about}").trim_end());
            page.push('\n');
        }
    }
    entries(&mut page, "given", &script.given);
    if !script.steps.is_empty() {
        page.push('\n');
        script.steps.iter().for_each(|step| row(&mut page, step));
    }
    entries(&mut page, "then", &script.then);
    page
}

/// The step or `then` that begins at a row of the file, as the page says it.
pub fn row_of(script: &Script, at: usize) -> Option<String> {
    let step = script.steps.iter().find(|step| step.row == at).map(|step| {
        let mut text = String::new();
        row(&mut text, step);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    let entry = |word: &str, entries: &[Entry]| {
        let found = entries.iter().find(|entry| entry.row == at)?;
        Some(format!("{word} {} {}", found.key, found.text()))
    };
    step.or_else(|| entry("given", &script.given)).or_else(|| entry("then", &script.then))
}

/// What a caller does, as a page says it.
pub fn caller(does: &CallerDoes) -> String {
    match does {
        CallerDoes::Arrives(None) => "arrives".into(),
        CallerDoes::Arrives(Some(place)) => format!("arrives from {place}"),
        CallerDoes::Chooses(option) => format!("chooses {option}"),
        CallerDoes::Gives(value) => format!("gives {value}"),
        CallerDoes::Says(words) => format!("says {words}"),
        CallerDoes::IsSilent(1) => "is silent".into(),
        CallerDoes::IsSilent(times) => format!("is silent {times} times"),
        CallerDoes::Interrupts(option) => format!("interrupts with {option}"),
        CallerDoes::Leaves => "leaves".into(),
        CallerDoes::Answers => "answers".into(),
    }
}

/// What the line does, as a page says it.
pub fn line(does: &LineDoes) -> String {
    match does {
        LineDoes::Asks(subject) => format!("asks {subject}"),
        LineDoes::Tells(subject, details) if details.is_empty() => format!("tells {subject}"),
        LineDoes::Tells(subject, details) => format!("tells {subject}: {}", details.join("; ")),
        LineDoes::Confirms(value) => format!("confirms {value}"),
        LineDoes::Offers(options) => format!("offers {}", options.join(", ")),
        LineDoes::Apologises => "apologises".into(),
        LineDoes::Connects(name) => format!("connects {name}"),
        LineDoes::Calls(number) => format!("calls {number}"),
        LineDoes::Ends => "ends".into(),
    }
}

fn agent(does: &AgentDoes) -> String {
    match does {
        AgentDoes::Joins => "joins".into(),
        AgentDoes::Sees(what) => format!("sees {what}"),
        AgentDoes::Closes => "closes".into(),
    }
}

fn entries(page: &mut String, word: &str, entries: &[Entry]) {
    if entries.is_empty() {
        return;
    }
    page.push('\n');
    for entry in entries {
        let first = entry.values.first().map_or("", String::as_str);
        let head = format!("{word:<5}  {:<12}  {first}", entry.key);
        page.push_str(head.trim_end());
        page.push('\n');
        for more in entry.values.iter().skip(1) {
            let _ = writeln!(page, "{:21}{more}", "");
        }
    }
}

fn row(page: &mut String, step: &Step) {
    let mut text = match &step.doing {
        Doing::Caller(does) => format!("  caller  {}", caller(does)),
        Doing::Line(does) => format!("    line  {}", line(does)),
        Doing::Agent(name, does) => format!("   agent  {name} {}", agent(does)),
        Doing::Direction(what) => format!("          [{what}]"),
    };
    match &step.condition {
        None => {}
        Some(Condition::OnlyOn(on)) => {
            let _ = write!(text, "  (only on {})", on.join(", "));
        }
        Some(Condition::Unless(what)) => {
            let _ = write!(text, "  (unless {what})");
        }
    }
    page.push_str(&text);
    page.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::parse::{parse, scripts_never_panic};
    use proptest::prelude::*;

    fn words() -> impl Strategy<Value = String> {
        proptest::collection::vec("[a-z0-9é+.-]{1,8}", 1..4).prop_map(|words| format!("w{}", words.join(" ")))
    }

    fn key() -> impl Strategy<Value = String> {
        "[a-z][a-z0-9-]{0,10}"
    }

    fn doing() -> impl Strategy<Value = Doing> {
        prop_oneof![
            proptest::option::of(words()).prop_map(|place| Doing::Caller(CallerDoes::Arrives(place))),
            key().prop_map(|option| Doing::Caller(CallerDoes::Chooses(option))),
            words().prop_map(|value| Doing::Caller(CallerDoes::Gives(value))),
            words().prop_map(|value| Doing::Caller(CallerDoes::Says(value))),
            (1_u8..=20).prop_map(|times| Doing::Caller(CallerDoes::IsSilent(times))),
            key().prop_map(|option| Doing::Caller(CallerDoes::Interrupts(option))),
            Just(Doing::Caller(CallerDoes::Leaves)),
            Just(Doing::Caller(CallerDoes::Answers)),
            key().prop_map(|subject| Doing::Line(LineDoes::Asks(subject))),
            (key(), proptest::collection::vec(words(), 0..3))
                .prop_map(|(subject, details)| Doing::Line(LineDoes::Tells(subject, details))),
            proptest::collection::vec(key(), 1..4).prop_map(|options| Doing::Line(LineDoes::Offers(options))),
            words().prop_map(|value| Doing::Line(LineDoes::Confirms(value))),
            words().prop_map(|name| Doing::Line(LineDoes::Connects(name))),
            words().prop_map(|number| Doing::Line(LineDoes::Calls(number))),
            Just(Doing::Line(LineDoes::Apologises)),
            Just(Doing::Line(LineDoes::Ends)),
            words().prop_map(|what| Doing::Agent("Ana".into(), AgentDoes::Sees(format!("need: {what}")))),
            Just(Doing::Agent("Ana".into(), AgentDoes::Joins)),
            Just(Doing::Agent("Ana".into(), AgentDoes::Closes)),
            words().prop_map(Doing::Direction),
        ]
    }

    fn entry() -> impl Strategy<Value = Entry> {
        (key(), proptest::collection::vec(words(), 1..4)).prop_map(|(key, values)| Entry { row: 0, key, values })
    }

    fn step() -> impl Strategy<Value = Step> {
        let condition = prop_oneof![
            proptest::collection::vec(key(), 1..3).prop_map(Condition::OnlyOn),
            words().prop_map(Condition::Unless),
        ];
        (doing(), proptest::option::of(condition)).prop_map(|(doing, condition)| Step { row: 0, doing, condition })
    }

    proptest! {
        #[test]
        fn a_printed_page_reads_back_as_itself(
            title in words(),
            about in proptest::collection::vec(words(), 0..3),
            given in proptest::collection::vec(entry(), 0..4),
            steps in proptest::collection::vec(step(), 0..8),
            then in proptest::collection::vec(entry(), 0..4),
        ) {
            let script = Script { title, about, given, steps, then };
            let printed = print(&script);
            prop_assert_eq!(parse("x.call", &printed).map(Script::without_rows), Ok(script), "{}", printed);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "(# |given |then |  caller |  line |  agent |\\[|\\]|[a-z(),:; \n]){0,40}") {
            scripts_never_panic(text.as_bytes());
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            scripts_never_panic(&bytes);
        }
    }
}
