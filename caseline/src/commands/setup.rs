//! `caseline setup --small`: asks at most 20 questions and writes a working, safe file of settings for one machine.
//! What settings mean and what is refused stands in `settings`.

use super::{Place, init};
use crate::exits::Exit;
use crate::settings::Settings;
use std::fmt::Write as _;
use std::io::{BufRead, Write};
use std::os::unix::fs::OpenOptionsExt;

/// Writes a file of settings.
#[derive(Debug, clap::Args)]
pub struct Setup {
    /// One machine and one administrator.
    #[arg(long)]
    small: bool,
}

/// One question.
struct Question {
    /// What is asked.
    asks: &'static str,
    /// What an empty answer means.
    usual: &'static str,
}

const QUESTIONS: [Question; 12] = [
    Question { asks: "What is your organisation's name, as callers should hear it?", usual: "" },
    Question { asks: "What kind is it: legal-aid, city, court or agency?", usual: "legal-aid" },
    Question { asks: "With whom do you share what callers say? (empty: with nobody)", usual: "" },
    Question { asks: "Who can hear calls besides the person who answers? (empty: nobody)", usual: "" },
    Question { asks: "Which time zone are you in?", usual: "America/Chicago" },
    Question { asks: "From when until when are staff there, Monday to Friday?", usual: "09:00-17:00" },
    Question { asks: "Which number rings your staff?", usual: "" },
    Question { asks: "Which number answers at any hour, in danger?", usual: "" },
    Question { asks: "Which languages do they speak? (codes, such as en es)", usual: "en es" },
    Question { asks: "Which number do callers dial?", usual: "" },
    Question { asks: "Your SIP trunk: HOST ACCOUNT (empty: none yet)", usual: "" },
    Question { asks: "The file that holds the trunk's password", usual: "trunk-password" },
];

/// Which question is about the trunk.
const TRUNK_AT: usize = 10;

impl Setup {
    /// Asks, writes, checks, and makes the keys.
    pub fn run(&self, place: &Place) -> Result<(), Exit> {
        if !self.small {
            return Err(Exit::Usage("write `caseline setup --small`: one machine, one administrator".into()));
        }
        if place.config.exists() {
            return Err(Exit::Usage(format!("{} is there already; move it away first", place.config.display())));
        }
        let answers = ask(&mut std::io::stdin().lock())?;
        let text = settings_text(&answers);
        Settings::parse(&place.config.display().to_string(), &text).map_err(|fault| Exit::Usage(fault.to_string()))?;
        if !init::is_made(&place.data()) {
            init::make(&place.data())?;
        }
        // Read by the program and the administrator; nobody else has to know the numbers of the staff.
        let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o640).open(&place.config);
        file.and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| Exit::Environment(format!("{} cannot be written: {error}", place.config.display())))?;
        place.print(
            &serde_json::json!({ "config": place.config.display().to_string() }),
            &format!(
                "{} is written and {} is ready.\nNext: `caseline doctor`, then review the words (docs/guides/add-a-language.md), then `caseline serve`.",
                place.config.display(),
                place.data().display()
            ),
        );
        Ok(())
    }
}

/// Asks each question until its answer can be used. An input that ends leaves nothing written.
fn ask(input: &mut impl BufRead) -> Result<Vec<String>, Exit> {
    let mut answers: Vec<String> = Vec::new();
    while let Some(question) = QUESTIONS.get(answers.len()) {
        let usual = if question.usual.is_empty() { String::new() } else { format!(" [{}]", question.usual) };
        eprint!("{}/{}  {}{usual} ", answers.len() + 1, QUESTIONS.len(), question.asks);
        let _ = std::io::stderr().flush();
        let mut row = String::new();
        let read = input.read_line(&mut row);
        if read.map_err(|error| Exit::Environment(format!("nothing can be read: {error}")))? == 0 {
            eprintln!();
            return Err(Exit::Usage("the answers ended too soon; nothing was written".into()));
        }
        let answer = row.trim();
        answers.push(if answer.is_empty() { question.usual.to_owned() } else { answer.to_owned() });
        // The settings' own check says what is wrong, at the question and not after the last one.
        let mut so_far = answers.clone();
        so_far.extend(QUESTIONS.iter().skip(so_far.len()).map(|question| question.usual.to_owned()));
        let is_trunk = answers.len() == TRUNK_AT + 1;
        if is_trunk && !answer.is_empty() && answer.split_whitespace().count() != 2 {
            eprintln!("      write host and account with a space between, or nothing");
            answers.pop();
        } else if let Err(fault) = Settings::parse("", &settings_text(&so_far)) {
            eprintln!("      {}", fault.what);
            answers.pop();
        }
    }
    Ok(answers)
}

fn settings_text(answers: &[String]) -> String {
    let answer = |at: usize| answers.get(at).map_or("", String::as_str);
    let quoted = |at: usize| toml::Value::String(answer(at).to_owned()).to_string();
    let speaks: Vec<String> = answer(8).split_whitespace().map(|code| format!("\"{code}\"")).collect();
    let speaks = speaks.join(", ");
    let mut text = format!(
        "[operator]\nname = {}\nkind = {}\nshares_with = {}\nhears_calls = {}\n\n[line]\nzone = {}\n\n[line.hours]\n",
        quoted(0),
        quoted(1),
        quoted(2),
        quoted(3),
        quoted(4)
    );
    for day in ["mon", "tue", "wed", "thu", "fri"] {
        let _ = writeln!(text, "{day} = {}", quoted(5));
    }
    for (table, at) in [("staff", 6), ("urgent", 7)] {
        if !answer(at).is_empty() {
            let _ = write!(
                text,
                "\n[[{table}]]\nname = \"{table}\"\nrole = \"staff\"\ntarget = {}\nlanguage = \"en\"\nspeaks = [{speaks}]\nverified_on = \"1970-01-01\"  # `caseline doctor --ring` verifies it by a call\n",
                quoted(at)
            );
        }
    }
    let _ = write!(text, "\n[web]\nnumber_to_call = {}\n", quoted(9));
    if let Some((host, account)) = answer(10).split_once(' ') {
        let _ = write!(
            text,
            "\n[[trunk]]\nname = \"carrier\"\nhost = \"{}\"\naccount = \"{}\"\npassword_file = {}\n",
            host.trim(),
            account.trim(),
            quoted(11)
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_of_a_small_group_make_settings_that_are_accepted() {
        let answers: Vec<String> = [
            "Lake Street \"Aid\" (made up)",
            "legal-aid",
            "",
            "",
            "America/Chicago",
            "09:00-17:00",
            "+1 202 555 0101",
            "+1 202 555 0102",
            "en es",
            "+1 202 555 0100",
            "127.0.0.9 line",
            "trunk-password",
        ]
        .map(str::to_owned)
        .to_vec();
        let settings = Settings::parse("caseline.toml", &settings_text(&answers)).unwrap();
        assert_eq!(settings.operator.name, "Lake Street \"Aid\" (made up)");
        assert_eq!((settings.staff.len(), settings.urgent.len(), settings.trunk.len()), (1, 1, 1));
    }

    #[test]
    fn a_wrong_answer_is_asked_again_and_an_end_of_input_writes_nothing() {
        let typed = "\nLake Street Aid (made up)\nbank\ncity\n\n\nChicago\nAmerica/Chicago\n17-9\n\n\n+1 202 555 0102\n\n\nhost\n\n\n";
        let answers = ask(&mut typed.as_bytes()).unwrap();
        assert_eq!(answers[..2], ["Lake Street Aid (made up)", "city"]);
        assert_eq!(answers[4..6], ["America/Chicago", "09:00-17:00"]);
        assert!(ask(&mut "Lake Street Aid\n".as_bytes()).unwrap_err().sentence().contains("nothing was written"));
    }

    #[test]
    fn at_most_twenty_questions_are_asked() {
        assert!(QUESTIONS.len() <= 20);
    }
}
