//! Every question and answer goes over and comes back, and whatever else arrives is none.

use super::*;
use proptest::prelude::*;

const CASE: CaseId = CaseId::from_random(7);

fn place(row: &[u8]) -> Place<'_> {
    Place { table: "case_versions", row, column: "sealed" }
}

/// One of each question.
fn questions() -> Vec<Ask<'static>> {
    let (key, sealed, slot) = (&[3; 90][..], &[4; 200][..], Slot::from_bytes([0, 0, 0, 1, 0, 0, 0, 2]));
    let grant = AskedGrant {
        kind: 2,
        case: CASE,
        contact: &[],
        until: "2026-11-22",
        place: 9,
        salt: &[5; 32],
        entry: &[6; 150],
    };
    let rows = vec![SealedRow { case: CASE, case_key: key, number: sealed, feed_rows: &[] }; 3];
    vec![
        Ask::Mark { kind: 3, week: 0, parts: vec![b"salt", b"case", b"0112345678"] },
        Ask::Number { number: "A000000137" },
        Ask::ImportBegin,
        Ask::ImportAdd { import: 1, rows },
        Ask::ImportNumber { import: 1, number: "A000000137" },
        Ask::ImportRow { import: 1, row: 77 },
        Ask::ImportEnd { import: 1 },
        Ask::Value { place: place(b"row"), sealed },
        Ask::Passkey { case: CASE, case_key: key, place: place(b"row"), sealed },
        Ask::Case { now: -1, grant, case_key: key, place: place(b"row"), sealed },
        Ask::SealValue { class: 1, goes_at: 5, slot: Some(slot), place: place(b"row"), plain: b"made up" },
        Ask::SealValue { class: 1, goes_at: 5, slot: None, place: place(b""), plain: b"" },
        Ask::SealCaseKey { goes_at: 5, case: CASE },
        Ask::SealInCase { case: CASE, case_key: key, place: place(b"row"), plain: b"made up" },
        Ask::RotateValue { class: 1, goes_at: 5, keeps_secret: true, place: place(b"row"), sealed },
        Ask::RotateCaseKey { goes_at: 5, case: CASE, sealed },
        Ask::DestroyDue { now: 5 },
        Ask::DestroySecrets { slots: vec![slot; 4] },
        Ask::SecretStates { slots: vec![slot; 3] },
        Ask::OverwriteCopy { copy: Path::new("set/keyring") },
        Ask::IsSameCopy { copy: Path::new("set/keyring") },
        Ask::IsCopyOfStore { folder: Path::new("set") },
        Ask::Greet,
        Ask::MakeSecrets,
        Ask::Witness { from: 9, leaves: vec![[1; 32]; 5] },
        Ask::SignPublic { size: 9, root: [1; 32] },
    ]
}

fn answers() -> Vec<Result<Told, VaultFault>> {
    let (openings, marks) = (Refused { count: 3, hour: 4 }, Refused { count: 5, hour: 6 });
    let news = VaultNews { openings, marks, sheets: 7 };
    let greeting = Greeting { store: [1; 16], verifying: [2; 32], is_unused: true, has_secrets: false, news };
    let refused = |what: &str| VaultFault::Refused { what: what.into() };
    vec![
        Ok(Told::Done),
        Ok(Told::Bytes(Zeroizing::new(b"made up".to_vec()))),
        Ok(Told::Is(true)),
        Ok(Told::Count(7)),
        Ok(Told::Case(Some(CASE))),
        Ok(Told::Case(None)),
        Ok(Told::States(vec![SecretState::Kept, SecretState::Destroyed, SecretState::Unknown])),
        Ok(Told::Head { size: 9, root: [1; 32], signature: [2; 64] }),
        Ok(Told::Behind(4)),
        Ok(Told::Greeting(greeting)),
        Err(refused("what to do")),
        Err(VaultFault::File { doing: "writing", source: std::io::ErrorKind::StorageFull.into() }),
        Err(VaultFault::File { doing: "writing", source: std::io::Error::other("broke") }),
        Err(VaultFault::Sealed),
        Err(VaultFault::NotAudited),
        Err(VaultFault::NotGranted),
        Err(VaultFault::Fork),
        Err(VaultFault::BudgetSpent),
        Err(VaultFault::ImportOver),
        Err(VaultFault::Form),
    ]
}

#[test]
fn every_question_comes_back_as_it_went() {
    for ask in questions() {
        let body = ask.encode();
        assert!(Ask::decode(&body) == Some(ask));
        for length in 0..body.len() {
            assert!(Ask::decode(&body[..length]).is_none(), "half a question is none");
        }
        assert!(Ask::decode(&[body.as_slice(), &[0]].concat()).is_none(), "and one with more neither");
    }
}

#[test]
fn every_answer_comes_back_as_it_went_and_a_fault_keeps_its_kind() {
    for answer in answers() {
        let body = encode_answer(&answer);
        match (decode_answer(&body).unwrap(), answer) {
            (Ok(came), Ok(went)) => assert!(came == went),
            (Err(came), Err(went)) => {
                assert_eq!(came.code(), went.code());
                assert_eq!(came.to_wire().0, went.to_wire().0);
            }
            _ => panic!("an answer became a fault"),
        }
        for length in 0..body.len() {
            assert!(decode_answer(&body[..length]).is_none());
        }
    }
}

#[test]
fn a_frame_that_claims_more_than_there_is_takes_no_room() {
    let mut leaves = Ask::Witness { from: 0, leaves: Vec::new() }.encode().to_vec();
    let end = leaves.len();
    leaves[end - 4..].copy_from_slice(&u32::MAX.to_be_bytes());
    assert!(Ask::decode(&leaves).is_none());
    let too_long = (FRAME_BYTES_MAX as u32 + 1).to_be_bytes();
    assert!(super::super::client::read_frame(&mut &too_long[..]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn whatever_bytes_arrive_nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        vault_frames_never_panic(&bytes);
        let whole = [&[FORM][..], &bytes].concat();
        vault_frames_never_panic(&whole);
    }

    #[test]
    fn a_question_with_changed_bytes_is_another_question_or_none(
        which in 0_usize..26, at in any::<prop::sample::Index>(), bit in 0_u8..8, cut in any::<prop::sample::Index>(),
    ) {
        let mut body = questions()[which].encode().to_vec();
        let place = at.index(body.len());
        body[place] ^= 1 << bit;
        vault_frames_never_panic(&body);
        body.truncate(cut.index(body.len() + 1));
        vault_frames_never_panic(&body);
    }
}
