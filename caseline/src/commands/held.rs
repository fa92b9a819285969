//! `caseline held`: what is kept, why, and until when, from the retention table itself.
//! With somebody's code, which they hand over and which is used up by it, what is held of that person: how much of what,
//! and when it goes; no value. Whether the code opens is the store's, under the limits of every other try.

use super::{Place, init};
use crate::exits::{Exit, with_causes};
use crate::world::{MachineChance, MachineClock};
use caseline_conversation::slot::{SlotType, Value};
use caseline_helpline::ports::{Checked, Trying};
use caseline_helpline::release::release_after;
use caseline_helpline::retention::TABLE;
use caseline_helpline::{Chance, Clock, Store, StoreFault};
use caseline_model::{CardCode, Channel, ContactId, Disposition, FileReceipt, Private};
use caseline_web::ANSWER_TRIES_AFTER;
use std::io::{BufRead, IsTerminal, Read, Write};
use std::time::Instant;
use zeroize::Zeroizing;

/// The table as text: what may be handed to whoever demands to know what is kept.
pub fn page(place: &Place) -> String {
    table(place).1
}

/// As long may a typed row be.
const ROW_LENGTH_MAX: u64 = 200;
/// One answer, whatever the reason.
const NOT_OPENED: &str = "this opened nothing: a number, code or receipt that does not fit, is used up or is over, or too \
                          many tries; a person of the line can help";

/// Prints what is kept.
#[derive(Debug, clap::Args)]
pub struct Held {
    /// Prints what is held of one person: their number and a code of their card, or the receipt of their file and its word
    /// if it has one, each a row of standard input. The code is used up.
    #[arg(long)]
    with_code: bool,
}

impl Held {
    /// Prints the table, or what is held of the person who hands over a code.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        if self.with_code {
            return of_person(place).await;
        }
        let (rows, text) = table(place);
        place.print(&serde_json::json!({ "held": rows }), &text);
        Ok(())
    }
}

async fn of_person(place: &Place) -> Result<(), Exit> {
    let store = match place.config.exists() {
        true => init::open_store_of(&place.data(), &place.settings()?).await?,
        false => init::open_store_in(place).await?,
    };
    let typed = row("Number of the case, or the receipt of the file: ")?;
    let receipt = typed.parse::<FileReceipt>().ok().map(Private::new);
    let second = row(match receipt {
        Some(_) => "The word of the file, or nothing: ",
        None => "Row and code of the card: ",
    })?;
    let began = Instant::now();
    let now = MachineClock.now();
    let contact = ContactId::from_random(MachineChance.bits_128());
    let who = Trying { contact, caller: None, shared: false };
    let failed = |fault: StoreFault| Exit::Environment(with_causes(&fault));
    // Typed, as in a chat.
    store.begin_contact(now, contact, Channel::WebChat).await.map_err(failed)?;
    let checked = match (&receipt, SlotType::CaseNumber.read(&typed), second.parse::<CardCode>()) {
        (Some(receipt), ..) => {
            let word = (!second.is_empty()).then(|| Private::new(second.to_string()));
            store.check_file(now, &who, receipt, word.as_ref()).await.map_err(failed)?
        }
        (None, Some(Value::CaseNumber(number)), Ok(code)) => {
            store.check_card(now, &who, &number, &Private::new(code)).await.map_err(failed)?
        }
        _ => Checked::Refused,
    };
    let held = match checked {
        Checked::Opened(case) => Some(store.held_of(now, contact, case).await.map_err(failed)?),
        _ => None,
    };
    let disposition = if held.is_some() { Disposition::Answered } else { Disposition::Refused };
    store.end_contact(MachineClock.now(), contact, disposition).await.map_err(failed)?;
    init::write_out(&store).await?;
    // At the moment at which the pages answer too, whatever it is (property S6).
    let waited = began.elapsed();
    tokio::time::sleep(release_after(ANSWER_TRIES_AFTER, waited).saturating_sub(waited)).await;
    let Some(held) = held else { return Err(Exit::Failures(NOT_OPENED.into())) };
    let mut text = String::from("What is held of the person with this code. The code is used up.\n\n");
    let mut rows = Vec::new();
    for held in held {
        let days = held.days.map_or_else(String::new, |(first, last)| match first == last {
            true => format!(", of {first}"),
            false => format!(", from {first} to {last}"),
        });
        let goes = held.goes_on.map_or_else(|| "with the case".to_owned(), |on| format!("by {on}"));
        text.push_str(&format!("{:5}  {}{days}; goes {goes}\n", held.count, held.kind));
        rows.push(serde_json::json!({
            "kind": held.kind, "count": held.count,
            "first_on": held.days.map(|(first, _)| first.to_string()),
            "last_on": held.days.map(|(_, last)| last.to_string()),
            "goes_on": held.goes_on.map(|on| on.to_string()),
        }));
    }
    text.push_str("\nNothing else. \"Forget me\" on the line destroys it at once, with a code or the receipt.");
    place.print(&serde_json::json!({ "held_of_person": rows }), &text);
    Ok(())
}

/// One row of standard input; somebody at a terminal is asked.
fn row(asks: &str) -> Result<Zeroizing<String>, Exit> {
    let input = std::io::stdin();
    if input.is_terminal() {
        eprint!("{asks}");
        let _ = std::io::stderr().flush();
    }
    let mut text = Zeroizing::new(String::new());
    let read = input.lock().take(ROW_LENGTH_MAX).read_line(&mut text);
    read.map_err(|error| Exit::Usage(format!("standard input cannot be read: {error}")))?;
    Ok(Zeroizing::new(text.trim().to_owned()))
}

fn table(place: &Place) -> (Vec<serde_json::Value>, String) {
    // Without settings, the table as it stands; a line may keep things shorter.
    let times = place.settings().map(|settings| settings.retention.times()).unwrap_or_default();
    let mut text = String::from("What is kept, and until when. Nothing else is.\n\n");
    let mut rows = Vec::new();
    for row in TABLE {
        let hours = times.kept(row.class).as_secs() / 3_600;
        let time = if hours.is_multiple_of(24) { format!("{} days", hours / 24) } else { format!("{hours} hours") };
        text.push_str(&format!("{:20} {time:10} from {}\n", row.word, row.from));
        rows.push(serde_json::json!({ "class": row.word, "kept_hours": hours, "from": row.from }));
    }
    (rows, text)
}
