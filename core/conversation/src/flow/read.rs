//! Reads a flow from its TOML text and says, by file and row, what cannot be read.
//! Whether the flow is safe is left to `checker`: this only knows the grammar.

use super::{ContactFact, Flow, Kind, Need, STEP_COUNT_MAX, Step, Target};
use crate::slot::SlotType;
use caseline_records::Field;
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What cannot be read, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{row}: {what}")]
pub struct FlowFault {
    /// The file.
    pub file: String,
    /// The row, from 1.
    pub row: usize,
    /// What is wrong and what to do.
    pub what: String,
}

impl Flow {
    /// Reads one flow.
    ///
    /// # Errors
    /// The first thing that cannot be read, with its row.
    pub fn read(file: &str, text: &str) -> Result<Self, FlowFault> {
        let source = Source { file, text };
        let table = DeTable::parse(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            source.fault(at, error.message().to_owned())
        })?;
        let mut head = Keys::new(&source, table.get_ref(), 0);
        let mut head_rows = BTreeMap::new();
        for (key, _) in table.get_ref() {
            head_rows.insert(key.get_ref().to_string(), source.row(key.span().start));
        }
        let name = head.text("flow")?;
        let version = head.number("version")?;
        let note = head.text("note")?;
        let start = head.text("start")?;
        let inputs = head.slot_types("inputs")?;
        let outputs = head.slot_types("outputs")?;
        let mut steps = BTreeMap::new();
        if let Some(value) = head.take("step") {
            let table = source.table(value)?;
            for (key, value) in table {
                let step = read_step(&source, key.get_ref(), key.span().start, value)?;
                steps.insert(step.name.clone(), step);
            }
        }
        head.finish("flow")?;
        if steps.is_empty() {
            return Err(source.fault(0, "the flow has no [step.…] tables".into()));
        }
        if steps.len() > STEP_COUNT_MAX {
            return Err(
                source.fault(0, format!("the flow has {} steps; at most {STEP_COUNT_MAX}: split it", steps.len()))
            );
        }
        Ok(Self { name, file: file.to_owned(), version, note, start, inputs, outputs, steps, head_rows })
    }
}

fn read_step(source: &Source<'_>, name: &str, at: usize, value: &Spanned<DeValue<'_>>) -> Result<Step, FlowFault> {
    let mut keys = Keys::new(source, source.table(value)?, at);
    let word = keys.text("kind")?;
    let say = keys.text_if("say")?;
    let mut outcomes = BTreeMap::new();
    let kind = match word.as_str() {
        "say" => Kind::Say,
        "choose" => {
            let (options, targets) = keys.options()?;
            outcomes.extend(targets);
            Kind::Choose { options, into: keys.text_if("into")? }
        }
        "ask" => {
            let slot_type = keys.slot_type("type")?;
            if slot_type == SlotType::Need {
                return Err(source.fault(at, "no caller is asked for a need: hand it in with `with`".into()));
            }
            Kind::Ask { slot_type, into: keys.text("into")?, confirm: keys.flag("confirm")? }
        }
        "check_own_case" => Kind::CheckOwnCase { number: keys.text("number")?, code: keys.text_if("code")? },
        "tell_case" => Kind::TellCase { fields: keys.fields("fields")? },
        "read_paper" => {
            Kind::ReadPaper { date: keys.text("date")?, time: keys.text_if("time")?, mailed: keys.text_if("mailed")? }
        }
        "open_file" => Kind::OpenFile {
            date: keys.text("date")?,
            time: keys.text_if("time")?,
            word_key: keys.text_if("word-key")?,
        },
        "answer" => Kind::Answer { question: keys.text("question")? },
        "report_wrong_record" => Kind::ReportWrongRecord { what: keys.text("what")? },
        "report_outcome" => Kind::ReportOutcome { code: keys.text("code")? },
        "urgent" => Kind::Urgent { need: keys.text("need")? },
        "queue" => Kind::Queue { need: keys.text("need")? },
        "callback" => Kind::Callback { phone: keys.text_if("phone")?, need: keys.need()? },
        "message" => Kind::Message { need: keys.need()?, words: keys.text_if("words")? },
        "remind" => Kind::Remind { phone: keys.text_if("phone")? },
        "refer" => Kind::Refer { topic: keys.text("topic")? },
        "forget_me" => Kind::ForgetMe,
        "tell_openings" => Kind::TellOpenings,
        "leave_ticket" => Kind::LeaveTicket { desk: keys.text("desk")? },
        "withdraw_tickets" => Kind::WithdrawTickets,
        "end_authorities" => Kind::EndAuthorities,
        "close_case" => Kind::CloseCase,
        "call" => Kind::Call {
            flow: keys.text("flow")?,
            give: keys.names("give")?,
            with: keys.names("with")?,
            take: keys.names("take")?,
        },
        "when" => Kind::When { fact: keys.fact("fact")? },
        "end" => {
            let outcome = keys.text_if("as")?;
            let disposition = match keys.take("disposition") {
                None => None,
                Some(value) => Some(
                    source
                        .text(value)?
                        .parse()
                        .map_err(|error| source.fault(value.span().start, format!("{error}")))?,
                ),
            };
            Kind::End { outcome, disposition }
        }
        other => {
            return Err(source.fault(
                at,
                format!(
                    "step `{name}` has kind `{other}`, which is none of the closed set; see docs/reference/flows.md"
                ),
            ));
        }
    };
    let free = matches!(kind, Kind::Call { .. });
    let known: Vec<String> = kind.outcomes().into_iter().map(str::to_owned).collect();
    for (key, value) in keys.rest() {
        if !free && !known.iter().any(|outcome| outcome == key) {
            return Err(source.fault(
                value.span().start,
                format!("step `{name}` ({word}) knows no `{key}`; its outcomes are {}", known.join(", ")),
            ));
        }
        let target = Target { step: source.text(value)?, row: source.row(value.span().start) };
        outcomes.insert(key.to_owned(), target);
    }
    Ok(Step { name: name.to_owned(), row: source.row(at), kind, say, outcomes })
}

/// The text that is read, with its file for messages.
struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn row(&self, at: usize) -> usize {
        self.text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
    }

    fn fault(&self, at: usize, what: String) -> FlowFault {
        FlowFault { file: self.file.to_owned(), row: self.row(at), what }
    }

    fn text(&self, value: &Spanned<DeValue<'_>>) -> Result<String, FlowFault> {
        value.get_ref().as_str().map(str::to_owned).ok_or_else(|| {
            self.fault(value.span().start, format!("a text is wanted here, not {}", value.get_ref().type_str()))
        })
    }

    fn table<'t, 'v>(&self, value: &'t Spanned<DeValue<'v>>) -> Result<&'t DeTable<'v>, FlowFault> {
        value.get_ref().as_table().ok_or_else(|| {
            self.fault(value.span().start, format!("a table is wanted here, not {}", value.get_ref().type_str()))
        })
    }
}

/// The keys of one table, taken one by one; what is left over is reported.
struct Keys<'s, 't, 'v> {
    source: &'s Source<'s>,
    at: usize,
    left: BTreeMap<&'t str, &'t Spanned<DeValue<'v>>>,
}

impl<'s, 't, 'v> Keys<'s, 't, 'v> {
    fn new(source: &'s Source<'s>, table: &'t DeTable<'v>, at: usize) -> Self {
        let left = table.iter().map(|(key, value)| (key.get_ref().as_ref(), value)).collect();
        Self { source, at, left }
    }

    fn take(&mut self, key: &str) -> Option<&'t Spanned<DeValue<'v>>> {
        self.left.remove(key)
    }

    fn rest(&mut self) -> BTreeMap<&'t str, &'t Spanned<DeValue<'v>>> {
        std::mem::take(&mut self.left)
    }

    fn finish(self, of: &str) -> Result<(), FlowFault> {
        match self.left.iter().next() {
            None => Ok(()),
            Some((key, value)) => Err(self.source.fault(value.span().start, format!("a {of} knows no key `{key}`"))),
        }
    }

    fn needed(&mut self, key: &str) -> Result<&'t Spanned<DeValue<'v>>, FlowFault> {
        let missing = self.source.fault(self.at, format!("`{key}` is missing here"));
        self.take(key).ok_or(missing)
    }

    fn text(&mut self, key: &str) -> Result<String, FlowFault> {
        let value = self.needed(key)?;
        self.source.text(value)
    }

    fn text_if(&mut self, key: &str) -> Result<Option<String>, FlowFault> {
        self.take(key).map(|value| self.source.text(value)).transpose()
    }

    fn flag(&mut self, key: &str) -> Result<bool, FlowFault> {
        match self.take(key) {
            None => Ok(false),
            Some(value) => value
                .get_ref()
                .as_bool()
                .ok_or_else(|| self.source.fault(value.span().start, "true or false is wanted here".into())),
        }
    }

    fn number(&mut self, key: &str) -> Result<u32, FlowFault> {
        let value = self.needed(key)?;
        value
            .get_ref()
            .as_integer()
            .and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok())
            .ok_or_else(|| self.source.fault(value.span().start, "a whole number is wanted here".into()))
    }

    /// `need`, or `need-in` with the slot that holds it.
    fn need(&mut self) -> Result<Need, FlowFault> {
        match (self.text_if("need")?, self.text_if("need-in")?) {
            (Some(need), None) => Ok(Need::Is(need)),
            (None, Some(slot)) => Ok(Need::In(slot)),
            (None, None) => Err(self.source.fault(self.at, "`need` is missing here, or `need-in`".into())),
            (Some(_), Some(_)) => Err(self.source.fault(self.at, "`need` and `need-in` say it twice: keep one".into())),
        }
    }

    fn slot_type(&mut self, key: &str) -> Result<SlotType, FlowFault> {
        let value = self.needed(key)?;
        self.slot_type_of(value)
    }

    fn slot_type_of(&self, value: &Spanned<DeValue<'_>>) -> Result<SlotType, FlowFault> {
        let word = self.source.text(value)?;
        SlotType::named(&word).ok_or_else(|| {
            let all: Vec<&str> = SlotType::ALL.iter().map(|row| row.0).collect();
            self.source.fault(value.span().start, format!("`{word}` is no type; types are {}", all.join(", ")))
        })
    }

    fn slot_types(&mut self, key: &str) -> Result<BTreeMap<String, SlotType>, FlowFault> {
        let Some(value) = self.take(key) else { return Ok(BTreeMap::new()) };
        let table = self.source.table(value)?;
        table.iter().map(|(name, value)| Ok((name.get_ref().to_string(), self.slot_type_of(value)?))).collect()
    }

    fn names(&mut self, key: &str) -> Result<BTreeMap<String, String>, FlowFault> {
        let Some(value) = self.take(key) else { return Ok(BTreeMap::new()) };
        let table = self.source.table(value)?;
        table.iter().map(|(name, value)| Ok((name.get_ref().to_string(), self.source.text(value)?))).collect()
    }

    fn fields(&mut self, key: &str) -> Result<Vec<Field>, FlowFault> {
        let value = self.needed(key)?;
        let array = value
            .get_ref()
            .as_array()
            .ok_or_else(|| self.source.fault(value.span().start, "a list of fields is wanted here".into()))?;
        array
            .iter()
            .map(|item| {
                let word = self.source.text(item)?;
                word.parse().map_err(|error| self.source.fault(item.span().start, format!("`{word}`: {error}")))
            })
            .collect()
    }

    fn fact(&mut self, key: &str) -> Result<ContactFact, FlowFault> {
        let value = self.needed(key)?;
        let word = self.source.text(value)?;
        ContactFact::ALL.iter().find(|row| row.0 == word).map(|row| row.1).ok_or_else(|| {
            let all: Vec<&str> = ContactFact::ALL.iter().map(|row| row.0).collect();
            self.source.fault(value.span().start, format!("`{word}` is no fact; facts are {}", all.join(", ")))
        })
    }

    /// Options in the order in which the file has them, with their targets.
    fn options(&mut self) -> Result<(Vec<String>, BTreeMap<String, Target>), FlowFault> {
        let value = self.needed("options")?;
        let table = self.source.table(value)?;
        let mut in_order: Vec<(usize, String, Target)> = Vec::new();
        for (name, value) in table {
            let target = Target { step: self.source.text(value)?, row: self.source.row(value.span().start) };
            in_order.push((name.span().start, name.get_ref().to_string(), target));
        }
        in_order.sort_by_key(|row| row.0);
        let options = in_order.iter().map(|row| row.1.clone()).collect();
        Ok((options, in_order.into_iter().map(|(_, name, target)| (name, target)).collect()))
    }
}

/// Reads any bytes as a flow and must never panic: the fuzz target, replayed on stable.
pub fn flows_never_panic(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = Flow::read("fuzz.toml", &text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = r#"flow = "main"
version = 3
note = "adds legal help"
start = "reason"

[step.reason]
kind = "choose"
say = "reason-ask"
options = { paper = "bye", my-case = "number", aa = "bye" }
silent = "bye"
gave-up = "bye"

[step.number]
kind = "ask"
say = "number-ask"
type = "case-number"
into = "number"
then = "bye"
silent = "bye"
gave-up = "bye"

[step.bye]
kind = "end"
disposition = "answered by the line"
"#;

    #[test]
    fn a_flow_is_read_with_its_options_in_the_order_of_the_file() {
        let flow = Flow::read("flows/main.toml", GOOD).unwrap();
        let reason = &flow.steps["reason"];
        assert_eq!(reason.row, 6);
        assert!(matches!(&reason.kind, Kind::Choose { options, .. } if options == &["paper", "my-case", "aa"]));
        assert_eq!(reason.outcomes["gave-up"], Target { step: "bye".into(), row: 11 });
    }

    #[test]
    fn what_cannot_be_read_is_named_with_file_and_row() {
        for (bad, good, message) in [
            ("kind = \"choos\"", "kind = \"choose\"", "flows/main.toml:6: step `reason` has kind `choos`"),
            ("type = \"case\"", "type = \"case-number\"", "flows/main.toml:16: `case` is no type"),
            ("thn = \"bye\"", "then = \"bye\"", "flows/main.toml:18: step `number` (ask) knows no `thn`"),
            ("version = \"3\"", "version = 3", "flows/main.toml:2: a whole number is wanted here"),
            ("flow = ", "flow = \"main\"", "flows/main.toml:1: "),
            (
                "disposition = \"gone\"",
                "disposition = \"answered by the line\"",
                "flows/main.toml:24: this is no disposition",
            ),
        ] {
            let text = GOOD.replacen(good, bad, 1);
            let fault = Flow::read("flows/main.toml", &text).unwrap_err().to_string();
            assert!(fault.starts_with(message), "{fault}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            flows_never_panic(&bytes);
        }

        #[test]
        fn no_slip_in_a_real_flow_makes_it_panic(at in 0..GOOD.len(), byte in any::<u8>()) {
            let mut bytes = GOOD.as_bytes().to_vec();
            bytes[at] = byte;
            flows_never_panic(&bytes);
        }
    }
}
