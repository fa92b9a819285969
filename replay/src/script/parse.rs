//! Reads a `.call` page; whatever is wrong is said with file, row and what to do.
//! What the words of a `given` or `then` mean is left to `world` and to the stages.

use super::{AgentDoes, CallerDoes, Condition, Doing, Entry, LineDoes, Script, Step};

/// The longest page, in rows.
pub const ROWS_MAX: usize = 1_000;

/// The longest row, in bytes.
pub const ROW_BYTES_MAX: usize = 1_000;

/// How often a caller may be silent in one step.
pub const SILENCES_MAX: u8 = 20;

/// Why a page cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{row}: {what}")]
pub struct ScriptFault {
    /// The file.
    pub file: String,
    /// The row, from 1.
    pub row: usize,
    /// What is wrong and what to do.
    pub what: String,
}

/// Reads a page.
///
/// # Errors
/// The first row that cannot be read.
pub fn parse(file: &str, text: &str) -> Result<Script, ScriptFault> {
    let fault = |row: usize, what: String| ScriptFault { file: file.to_owned(), row, what };
    let mut script = Script::default();
    let mut items: Vec<Item> = Vec::new();
    for (row, written) in text.lines().enumerate().map(|(at, written)| (at + 1, written.trim_end())) {
        if row > ROWS_MAX {
            return Err(fault(row, format!("a page has at most {ROWS_MAX} rows; make two of it")));
        }
        if written.len() > ROW_BYTES_MAX {
            return Err(fault(row, format!("a row has at most {ROW_BYTES_MAX} bytes; go on in an indented row")));
        }
        let words = one_blank(written);
        if words.is_empty() {
            continue;
        }
        let indented = written.starts_with([' ', '\t']);
        match (indented, words.split_once(' ').unwrap_or((&words, ""))) {
            (false, ("#", title)) if script.title.is_empty() && !title.is_empty() => {
                title.clone_into(&mut script.title)
            }
            (false, ("#", _)) => return Err(fault(row, "a page has one title: `# ` and a sentence".into())),
            (false, (">", about)) => script.about.push(about.to_owned()),
            (false, (key @ ("given" | "then"), rest)) => {
                let (name, value) = rest.split_once(' ').unwrap_or((rest, ""));
                if !is_key(name) {
                    return Err(fault(row, format!("after `{key}` comes a key of one hyphenated word, such as `now`")));
                }
                let is_given = key == "given";
                if is_given && items.iter().any(|item| !matches!(item, Item::Given(_))) {
                    return Err(fault(row, "`given` comes before the steps; move it up".into()));
                }
                let entry = Entry { row, key: name.to_owned(), values: vec![value.to_owned()] };
                items.push(if is_given { Item::Given(entry) } else { Item::Then(entry) });
            }
            (true, ("caller" | "line" | "agent", _)) => items.push(Item::Step(row, words)),
            (true, _) if words.starts_with('[') => items.push(Item::Step(row, words)),
            (true, _) => match items.last_mut() {
                Some(Item::Given(entry) | Item::Then(entry)) => entry.values.push(words),
                Some(Item::Step(_, step)) => {
                    step.push(' ');
                    step.push_str(&words);
                }
                None => {
                    return Err(fault(row, "an indented row continues the one before it, and there is none".into()));
                }
            },
            (false, (first, _)) => {
                return Err(fault(
                    row,
                    format!(
                        "a row begins with #, >, given or then, or is indented and begins with caller, line, agent or [; not with `{first}`"
                    ),
                ));
            }
        }
    }
    let mut then_began = false;
    for item in items {
        match item {
            Item::Given(entry) => script.given.push(entry),
            Item::Then(entry) => {
                then_began = true;
                script.then.push(entry);
            }
            Item::Step(row, _) if then_began => {
                return Err(fault(row, "steps come before `then`; move this one up".into()));
            }
            Item::Step(row, words) => script.steps.push(step(row, &words).map_err(|what| fault(row, what))?),
        }
    }
    if script.title.is_empty() {
        return Err(fault(1, "a page begins with its title: `# ` and a sentence from the person's side".into()));
    }
    Ok(script)
}

/// A page from the outside never makes the reader panic. Fuzzers call this; the corpus is replayed by a test.
pub fn scripts_never_panic(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(script) = parse("fuzz.call", &text) {
        let printed = super::print::print(&script);
        // What was read can be printed and read again; a printed page is no longer than pages may be.
        let again = parse("fuzz.call", &printed);
        assert!(
            again.as_ref().is_ok_and(|again| again.clone().without_rows() == script.clone().without_rows())
                || printed.lines().count() > ROWS_MAX
                || printed.lines().any(|line| line.len() > ROW_BYTES_MAX),
            "a printed page reads back as itself"
        );
    }
}

enum Item {
    Given(Entry),
    Then(Entry),
    Step(usize, String),
}

fn one_blank(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_key(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn step(row: usize, words: &str) -> Result<Step, String> {
    let (words, condition) = condition(words)?;
    let doing = if let Some(direction) = words.strip_prefix('[') {
        let direction = direction.strip_suffix(']').ok_or("a stage direction ends with ]")?.trim();
        if direction.is_empty() || direction.contains(['[', ']']) {
            return Err("a stage direction is a sentence in [ ], such as [2 minutes pass]".into());
        }
        Doing::Direction(direction.to_owned())
    } else {
        let (who, rest) = words.split_once(' ').unwrap_or((&words, ""));
        match who {
            "caller" => Doing::Caller(caller(rest)?),
            "line" => Doing::Line(line(rest)?),
            _ => {
                let (name, rest) = rest.split_once(' ').unwrap_or((rest, ""));
                if name.is_empty() {
                    return Err("after `agent` comes a name, then a verb: `agent Ana joins`".into());
                }
                Doing::Agent(name.to_owned(), agent(rest)?)
            }
        }
    };
    Ok(Step { row, doing, condition })
}

fn condition(words: &str) -> Result<(String, Option<Condition>), String> {
    let plain = || Ok((words.to_owned(), None));
    let Some((before, inside)) = words.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")) else {
        return plain();
    };
    let found = if let Some(on) = inside.strip_prefix("only on ") {
        let on: Vec<String> = on.split(',').map(|word| word.trim().to_owned()).collect();
        if on.iter().any(|word| !is_key(word)) {
            return Err("`(only on …)` names stages or channels: engine, keypad, chat, phone".into());
        }
        Condition::OnlyOn(on)
    } else if let Some(what) = inside.strip_prefix("unless ") {
        Condition::Unless(what.to_owned())
    } else {
        return plain();
    };
    Ok((before.to_owned(), Some(found)))
}

fn verb(words: &str) -> (&str, &str) {
    words.split_once(' ').unwrap_or((words, ""))
}

fn with_object(verb: &str, object: &str) -> Result<String, String> {
    if object.is_empty() { Err(format!("`{verb}` needs an object after it")) } else { Ok(object.to_owned()) }
}

fn alone<T>(does: T, verb: &str, object: &str) -> Result<T, String> {
    if object.is_empty() { Ok(does) } else { Err(format!("nothing comes after `{verb}`")) }
}

fn caller(words: &str) -> Result<CallerDoes, String> {
    let (does, object) = verb(words);
    match does {
        "arrives" if object.is_empty() => Ok(CallerDoes::Arrives(None)),
        "arrives" => match object.strip_prefix("from ") {
            Some(place) => Ok(CallerDoes::Arrives(Some(place.to_owned()))),
            None => Err("write `arrives`, or `arrives from` and a number or place".into()),
        },
        "chooses" => with_object(does, object).map(CallerDoes::Chooses),
        "gives" => with_object(does, object).map(CallerDoes::Gives),
        "says" => with_object(does, object).map(CallerDoes::Says),
        "is" => match object.strip_prefix("silent").map(str::trim) {
            Some("") => Ok(CallerDoes::IsSilent(1)),
            Some(times) => match times.strip_suffix(" times").and_then(|count| count.parse().ok()) {
                Some(count @ 2..=SILENCES_MAX) => Ok(CallerDoes::IsSilent(count)),
                _ => Err(format!("write `is silent`, or `is silent N times` with N from 2 to {SILENCES_MAX}")),
            },
            None => Err("a caller `is silent`; nothing else".into()),
        },
        "interrupts" => match object.strip_prefix("with ") {
            Some(option) => Ok(CallerDoes::Interrupts(option.to_owned())),
            None => Err("write `interrupts with` and an option".into()),
        },
        "leaves" => alone(CallerDoes::Leaves, does, object),
        "answers" => alone(CallerDoes::Answers, does, object),
        _ => Err("a caller arrives, chooses, gives, says, is silent, interrupts, leaves or answers".into()),
    }
}

fn line(words: &str) -> Result<LineDoes, String> {
    let (does, object) = verb(words);
    match does {
        "asks" => with_object(does, object).map(LineDoes::Asks),
        "tells" => {
            let object = with_object(does, object)?;
            let (subject, details) = object.split_once(':').unwrap_or((&object, ""));
            if !is_key(subject) {
                return Err("the line tells a subject of one hyphenated word, then `:` and details".into());
            }
            let details = details.split(';').map(str::trim).filter(|detail| !detail.is_empty());
            Ok(LineDoes::Tells(subject.to_owned(), details.map(str::to_owned).collect()))
        }
        "confirms" => with_object(does, object).map(LineDoes::Confirms),
        "offers" => {
            let object = with_object(does, object)?;
            let options: Vec<String> = object.split(',').map(|option| option.trim().to_owned()).collect();
            if options.iter().any(|option| !is_key(option)) {
                return Err("the line offers options of one hyphenated word, with commas between".into());
            }
            Ok(LineDoes::Offers(options))
        }
        "apologises" => alone(LineDoes::Apologises, does, object),
        "connects" => with_object(does, object).map(LineDoes::Connects),
        "calls" => with_object(does, object).map(LineDoes::Calls),
        "ends" => alone(LineDoes::Ends, does, object),
        _ => Err("the line asks, tells, confirms, offers, apologises, connects, calls or ends".into()),
    }
}

/// What people of a line will do once they have pages of their own; until then no stage can play it.
const NOT_PLAYED_YET: &[&str] = &["opens", "enters", "transfers", "holds"];

fn agent(words: &str) -> Result<AgentDoes, String> {
    let (does, object) = verb(words);
    match does {
        "joins" => alone(AgentDoes::Joins, does, object),
        "sees" => match object.split_once(": ") {
            Some(("need" | "language", what)) if !what.is_empty() => Ok(AgentDoes::Sees(object.to_owned())),
            _ => Err("on the telephone an agent sees `need: …` or `language: …`; a finding stands below `then`".into()),
        },
        "closes" => alone(AgentDoes::Closes, does, object),
        _ if NOT_PLAYED_YET.contains(&does) => Err(format!(
            "no stage can play `{does}`: the people of this line have a telephone only; write what they see (`agent Ana sees need: person`) and `agent Ana closes`, and take this row out"
        )),
        _ => Err("an agent joins, sees or closes".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(text: &str) -> String {
        parse("x.call", text).unwrap_err().to_string()
    }

    #[test]
    fn trouble_is_told_with_its_row_and_what_to_do() {
        assert!(what("given now x\n").starts_with("x.call:1: a page begins with its title"));
        assert!(what("# a\n\n  caller dances\n").starts_with("x.call:3: a caller arrives, chooses"));
        assert!(what("# a\nthen x y\n  caller leaves\n").starts_with("x.call:3: steps come before"));
        assert!(what("# a\n  caller leaves\ngiven x y\n").starts_with("x.call:3: `given` comes before"));
        assert!(what("# a\n  more\n").contains("there is none"));
        assert!(what("# a\ngiven two words: x\n  [no end\n").starts_with("x.call:3: a stage direction ends with ]"));
        assert!(what("# a\n  line tells\n").contains("needs an object"));
    }

    #[test]
    fn what_no_stage_can_play_is_refused_with_its_row_and_what_to_write() {
        for does in ["opens case", "enters note", "transfers to Bo", "holds"] {
            let told = what(&format!("# a\n\n  caller arrives\n   agent  Ana {does}\n"));
            assert!(told.starts_with("x.call:4: no stage can play `"), "{told}");
            assert!(told.contains("agent Ana closes") && told.contains("take this row out"), "{told}");
        }
        assert!(what("# a\n   agent  Ana sees finding: stale\n").contains("a finding stands below `then`"));
        assert!(what("# a\n   agent  Ana dances\n").ends_with("an agent joins, sees or closes"));
    }

    #[test]
    fn a_step_may_hold_on_one_stage_only() {
        let script =
            parse("x.call", "# a\n  caller gives 1 (only on keypad, chat)\n    line ends (unless x y)\n").unwrap();
        assert_eq!(script.steps[0].condition, Some(Condition::OnlyOn(vec!["keypad".into(), "chat".into()])));
        assert_eq!(script.steps[1].condition, Some(Condition::Unless("x y".into())));
    }
}
