//! What callers have in hand before the first kill: made-up people with cards, and own files with receipts.
//! What they do with it is left to `chat` and `telephone`.

use super::line::Folder;
use crate::exits::{Exit, with_causes};
use crate::world::{MachineChance, MachineClock};
use caseline_helpline::ports::NewFile;
use caseline_helpline::{Chance, Clock, Store};
use caseline_model::file_receipt::ReceiptKind;
use caseline_model::{CaseId, Channel, ContactId, Date, Disposition, FileReceipt, Private, TimeOfDay};
use caseline_records::{Assertion, HearingTime, Obtained, SourceKind, Value};

/// Own files whose receipts the callers hold.
const FILES: usize = 12;

/// Made-up people with cards, and own files with a hearing in some weeks; the receipts of the files.
pub async fn prepare(folder: &Folder, today: Date) -> Result<Vec<String>, Exit> {
    let broke = |fault: caseline_helpline::StoreFault| Exit::Environment(with_causes(&fault));
    let store = folder.open_store().await?;
    let now = MachineClock.now();
    for person in crate::made_up::PEOPLE {
        if let Some(number) = person.case_number() {
            store.enrol(now, person.case(), &number, &person.card()).await.map_err(broke)?;
        }
    }
    let mut receipts = Vec::new();
    for _ in 0..FILES {
        let receipt = FileReceipt::from_random(ReceiptKind::File, MachineChance.bits_64());
        let hearing = Assertion {
            value: Value::Hearing {
                at: HearingTime { date: crate::made_up::hearing_day(today), time: TimeOfDay::new(8, 30) },
                kind: None,
                medium: None,
                court: None,
                detained_docket: false,
            },
            source: SourceKind::Notice,
            obtained: Obtained::ReadOutByCaller,
            observed_at: now,
            effective_on: None,
        };
        let contact = ContactId::from_random(MachineChance.bits_128());
        let file = NewFile {
            case: CaseId::from_random(MachineChance.bits_128()),
            receipt: Private::new(receipt),
            word_key: None,
            assertions: vec![hearing],
        };
        store.begin_contact(now, contact, Channel::Phone).await.map_err(broke)?;
        store.open_file(now, contact, file).await.map_err(broke)?;
        store.end_contact(now, contact, Disposition::Answered).await.map_err(broke)?;
        receipts.push(receipt.digits());
    }
    Ok(receipts)
}
