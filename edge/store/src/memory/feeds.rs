//! Enrolling and feeds, in the model.
//! Nothing is overwritten: every change is a new version.

use super::{Case, Done, Model};
use crate::import_set::{ImportHandle, ImportSet};
use crate::rules;
use caseline_conversation::slot::CaseNumber;
use caseline_helpline::audit::AuditEvent;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::{EnrolledSet, FeedCounts, FeedRow};
use caseline_helpline::retention::KeptTimes;
use caseline_model::{CardCode, CaseId, Private, Time};
use caseline_records::Assertion;
use std::sync::Arc;
use zeroize::Zeroizing;

impl Model {
    pub(super) fn enrol(&mut self, now: Time, case: CaseId, number: String, codes: &[Private<CardCode>]) -> Done<()> {
        self.enrol_without_card(now, case, number)?;
        self.replace_card(case, codes);
        self.log(now, None, Some(case), AuditEvent::CardMade);
        Ok(())
    }

    pub(super) fn enrol_without_card(&mut self, now: Time, case: CaseId, number: String) -> Done<()> {
        let doing = "enrolling a number";
        let by_number = self.case_of_number(&number);
        let by_id = self.cases.get(&case);
        if by_number.is_some_and(|kept| kept != case) || by_id.is_some_and(|kept| kept.number.as_ref() != Some(&number))
        {
            return Err(StoreFault::NotAllowed { doing, why: crate::WHY_ENROLLED });
        }
        let row = self.cases.entry(case).or_insert_with(|| Case {
            number: Some(number),
            receipt: None,
            word_key: None,
            keep_until: now,
            versions: Vec::new(),
            digest: None,
            feed_rows: Vec::new(),
            feed_seen_at: None,
            is_vanished: false,
            on_cards: Default::default(),
            first_code: None,
        });
        row.keep_until = row.keep_until.max(rules::keep_until(&KeptTimes::default(), now, None));
        Ok(())
    }

    pub(super) fn begin_import(&mut self, now: Time) -> Box<dyn EnrolledSet> {
        self.imports_begun += 1;
        let mut key = Zeroizing::new([0; 32]);
        key[..8].copy_from_slice(&self.imports_begun.to_be_bytes());
        let mut set = ImportSet::new(key);
        for (id, case) in self.cases.iter().filter(|(_, case)| case.keep_until > now) {
            if let Some(number) = &case.number {
                set.add(number, *id, &case.feed_rows);
            }
        }
        let set = Arc::new(set);
        self.import = Some(Arc::clone(&set));
        Box::new(ImportHandle(set))
    }

    pub(super) fn add_from_feed(
        &mut self,
        now: Time,
        number: &CaseNumber,
        digest: &[u8],
        assertions: &[Assertion],
    ) -> FeedRow {
        // While a feed is read, the numbers are those with which it began.
        let id = match &self.import {
            Some(set) => set.case_of(number),
            None => self.case_of_number(&number.canonical()),
        };
        let Some(id) = id.filter(|case| self.is_kept(*case, now)) else {
            return FeedRow::NotEnrolled;
        };
        let Some(case) = self.cases.get_mut(&id) else { return FeedRow::NotEnrolled };
        if case.digest.as_deref() == Some(digest) && !case.is_vanished {
            case.feed_seen_at = Some(now);
            return FeedRow::Same;
        }
        if let Some(set) = &self.import {
            case.feed_rows = set.rows_of(id);
        }
        case.feed_seen_at = None;
        let row = if case.digest.is_some() { FeedRow::Changed } else { FeedRow::New };
        case.digest = Some(digest.to_vec());
        case.is_vanished = false;
        case.versions.push(assertions.to_vec());
        case.keep_until = rules::keep_for_date(case.keep_until, rules::last_known_date(now, assertions));
        row
    }

    pub(super) fn finish_import(&mut self, now: Time, seen: &dyn EnrolledSet, counts: FeedCounts) -> Done<u64> {
        let Some(handle) = seen.as_any().downcast_ref::<ImportHandle>() else {
            return Err(StoreFault::NotAllowed { doing: "ending a feed", why: crate::WHY_OTHER_SET });
        };
        let mut gone = 0;
        for id in handle.0.unseen(&seen.seen()) {
            let Some(case) = self.cases.get_mut(&id).filter(|case| case.keep_until > now) else { continue };
            if case.digest.is_some() && !case.is_vanished {
                case.versions.push(vec![rules::vanished(now, counts.feed_on)]);
                case.is_vanished = true;
                gone += 1;
            }
        }
        self.import = None;
        let FeedCounts { kept, dropped, quarantined, .. } = counts;
        self.log(now, None, None, AuditEvent::FeedRead { kept, dropped, quarantined });
        Ok(gone)
    }
}
