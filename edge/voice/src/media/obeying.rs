//! What the calls ask of the media thread is done here, between two packets.
//! It never waits, and hands back whatever memory it no longer needs.

use std::net::SocketAddr;

use super::bridge::Mixer;
use super::cold::PLAY_LISTS_MAX;
use super::hot::{HotLeg, Joined};
use super::keys::{KeyRow, KeySender};
use super::latch::destination;
use super::orders::{News, Order, PlayList, Spent};
use super::settings::Direction;
use super::thread::{MediaThread, MixerSeats};
use super::{BridgeId, LegId, PlayEnd};

impl MediaThread {
    pub(super) fn obey(&mut self, order: Order) {
        match order {
            Order::Open { id, hot, cold } => self.open(id, hot, cold),
            Order::Close(id) => self.close(id),
            Order::Play(id, list) => self.play(id, list),
            Order::StopPlaying(id) => {
                if let Some(leg) = self.leg(id) {
                    self.stop_lists(leg, PlayEnd::Stopped);
                }
            }
            Order::SetRemote(id, remote) => self.set_remote(id, remote),
            Order::Relatch(id) => {
                let now_ms = self.now_ms();
                if let Some(leg) = self.leg(id)
                    && let Some(cold) = self.cold[leg as usize].as_mut()
                {
                    cold.latch.reopen(now_ms);
                    cold.claim_withdrawn = false;
                    let hot = &mut self.hot[leg as usize];
                    hot.may_relatch = cold.latch.source().is_some();
                    self.demux.reopen(hot.port, leg);
                }
            }
            Order::WithdrawClaim(id) => {
                if let Some(leg) = self.leg(id)
                    && let Some(cold) = self.cold[leg as usize].as_mut()
                {
                    cold.claim_withdrawn = true;
                }
            }
            Order::SetDirection(id, direction) => self.set_direction(id, direction),
            Order::SetFormat { id, codec, telephone_event, mut parts } => {
                if let Some(leg) = self.leg(id)
                    && let Some(cold) = self.cold[leg as usize].as_mut()
                {
                    if cold.tones.is_none() || telephone_event.is_some() {
                        std::mem::swap(&mut cold.tones, &mut parts.tones);
                    }
                    let other_codec = self.hot[leg as usize].codec != codec;
                    self.hot[leg as usize].set_format(codec, telephone_event);
                    if other_codec {
                        // What plays was encoded for the old one.
                        self.stop_lists(leg, PlayEnd::Stopped);
                    }
                }
                self.tell(News::Spent(Spent::Format(parts)));
            }
            Order::StartRecording(id, buffer) => {
                let refused =
                    match self.leg(id).and_then(|leg| self.cold[leg as usize].as_mut().map(|cold| (leg, cold))) {
                        Some((leg, cold)) => {
                            self.hot[leg as usize].records = true;
                            cold.recording.replace(buffer)
                        }
                        None => Some(buffer),
                    };
                if let Some(buffer) = refused {
                    self.tell(News::Spent(Spent::Recording(buffer)));
                }
            }
            Order::StopRecording(id) => {
                let buffer = self.leg(id).and_then(|leg| {
                    self.hot[leg as usize].records = false;
                    self.cold[leg as usize].as_mut()?.recording.take()
                });
                self.tell(News::Recording(id, buffer));
            }
            Order::SendKeys(id, row) => self.send_keys(id, row),
            Order::Bridge { id, legs, mixer } => self.bridge(id, legs, mixer),
            Order::Unbridge(id) => self.unbridge(id),
        }
    }

    /// The index of a leg that is still the one meant.
    fn leg(&self, id: LegId) -> Option<u32> {
        let hot = self.hot.get(id.index as usize)?;
        (id.thread == self.thread && hot.in_use && hot.generation == id.generation).then_some(id.index)
    }

    fn open(&mut self, id: LegId, mut hot: Box<HotLeg>, cold: Box<super::cold::ColdLeg>) {
        let leg = id.index;
        if self.hot.get(leg as usize).is_none_or(|place| place.in_use) {
            self.tell(News::Spent(Spent::Leg(hot, cold)));
            return;
        }
        let now_us = self.now_us();
        let now_ms = (now_us / 1_000) as u32;
        hot.last_in_ms = now_ms;
        // The first turn sends something at once: it opens the way through a NAT.
        hot.last_out_ms = now_ms.wrapping_sub(u32::from(u16::MAX));
        hot.slot = self.wheel.join(leg, now_us / 1_000) as u8;
        self.demux.add_leg(hot.port, leg);
        self.counts.legs += 1;
        std::mem::swap(&mut self.hot[leg as usize], &mut *hot);
        let before = self.cold[leg as usize].replace(cold);
        // The empty box goes back, to be dropped where it was made.
        if let Some(cold) = before {
            self.tell(News::Spent(Spent::Leg(hot, cold)));
        } else {
            self.tell(News::Opened(hot));
        }
    }

    fn close(&mut self, id: LegId) {
        let Some(leg) = self.leg(id) else { return };
        self.leave_bridge(leg);
        self.stop_lists(leg, PlayEnd::Stopped);
        let now_ms = self.now_ms();
        let hot = &mut self.hot[leg as usize];
        let (slot, port, ssrc) = (usize::from(hot.slot), hot.port, hot.ssrc_in);
        *hot = HotLeg::vacant();
        self.wheel.leave(leg, slot);
        self.counts.legs -= 1;
        if let Some(cold) = self.cold[leg as usize].take() {
            self.demux.remove_leg(port, leg, cold.latch.source(), ssrc, now_ms);
            self.tell(News::Closed(id, cold));
        }
    }

    fn play(&mut self, id: LegId, list: Box<PlayList>) {
        let Some(leg) = self.leg(id) else {
            self.tell(News::PlayEnded { leg: id, list, how: PlayEnd::Stopped });
            return;
        };
        if !list.mode.after_others {
            self.stop_lists(leg, PlayEnd::Stopped);
        }
        let Some(cold) = self.cold[leg as usize].as_mut() else { return };
        if cold.lists.len() >= PLAY_LISTS_MAX {
            self.tell(News::PlayEnded { leg: id, list, how: PlayEnd::Stopped });
            return;
        }
        cold.lists.push_back(list);
        if cold.lists.len() == 1 {
            cold.prompt_at = 0;
            self.load_prompt(leg);
        }
    }

    fn set_remote(&mut self, id: LegId, remote: SocketAddr) {
        let Some(leg) = self.leg(id) else { return };
        let Some(cold) = self.cold[leg as usize].as_mut() else { return };
        let unchanged = cold.claim.signalled() == Some(super::latch::canonical(remote));
        cold.claim.set_signalled(remote);
        if unchanged || (cold.behind_nat && cold.latch.source().is_some()) {
            return;
        }
        // Until the new source is known, the new signalled address is the best guess, if it can be reached.
        if let Some(send_to) = destination(&cold.claim, cold.behind_nat, None) {
            self.hot[leg as usize].send_to = Some(send_to);
        }
    }

    fn set_direction(&mut self, id: LegId, direction: Direction) {
        let now_ms = self.now_ms();
        if let Some(leg) = self.leg(id) {
            let hot = &mut self.hot[leg as usize];
            hot.direction = direction;
            // The time on hold does not count as silence.
            hot.last_in_ms = now_ms;
        }
    }

    fn send_keys(&mut self, id: LegId, row: KeyRow) {
        let Some(leg) = self.leg(id) else { return };
        let Some(cold) = self.cold[leg as usize].as_mut() else { return };
        match cold.key_sender.as_mut() {
            Some(sender) => sender.append(row),
            None => cold.key_sender = Some(KeySender::new(row)),
        }
        cold.renumbering = None;
        self.hot[leg as usize].sends_keys = true;
    }

    fn bridge(&mut self, id: BridgeId, legs: [Option<LegId>; 3], mixer: Option<Box<Mixer>>) {
        let legs = legs.map(|leg| leg.and_then(|id| self.leg(id)));
        for leg in legs.into_iter().flatten() {
            self.leave_bridge(leg);
        }
        let mut present = legs.into_iter().flatten();
        match (present.next(), present.next(), present.next(), mixer) {
            (Some(_), Some(_), Some(_), Some(mixer)) => self.seat_three(id, legs, mixer),
            // Also when the third was gone before the order came.
            (Some(one), Some(two), None, mixer) if one != two => {
                self.join_pair(id, one, two);
                self.spend_mixer(mixer);
            }
            (_, _, _, mixer) => self.spend_mixer(mixer),
        }
    }

    fn seat_three(&mut self, id: BridgeId, legs: [Option<u32>; 3], mixer: Box<Mixer>) {
        let seats = MixerSeats { bridge: id, legs, mixer: Some(mixer) };
        let at = self.mixers.iter().position(|seats| seats.mixer.is_none()).unwrap_or(self.mixers.len());
        match self.mixers.get_mut(at) {
            Some(place) => *place = seats,
            None => self.mixers.push(seats),
        }
        for (seat, leg) in legs.into_iter().enumerate() {
            let Some(leg) = leg else { continue };
            self.hot[leg as usize].joined = Joined::Mix { mixer: at as u32, seat: seat as u8 };
            if let Some(cold) = self.cold[leg as usize].as_mut() {
                (cold.bridge, cold.renumbering) = (Some(id), None);
            }
        }
        self.bridges += 1;
    }

    fn join_pair(&mut self, id: BridgeId, one: u32, two: u32) {
        for (leg, other) in [(one, two), (two, one)] {
            self.hot[leg as usize].joined = Joined::Pair(other);
            if let Some(cold) = self.cold[leg as usize].as_mut() {
                (cold.bridge, cold.renumbering) = (Some(id), None);
            }
        }
        self.bridges += 1;
    }

    fn unbridge(&mut self, id: BridgeId) {
        // Not a packet's business, so a walk over all legs may be taken.
        for leg in 0..self.cold.len() {
            if self.cold[leg].as_ref().is_some_and(|cold| cold.bridge == Some(id)) {
                self.leave_bridge(leg as u32);
            }
        }
    }

    /// A leg leaves its bridge. Of two, the other is alone; of three, the others go on hearing each other.
    fn leave_bridge(&mut self, leg: u32) {
        if let Some(cold) = self.cold[leg as usize].as_mut() {
            (cold.bridge, cold.renumbering) = (None, None);
        }
        match std::mem::replace(&mut self.hot[leg as usize].joined, Joined::Alone) {
            Joined::Alone => {}
            Joined::Pair(other) => {
                self.bridges -= 1;
                if std::mem::replace(&mut self.hot[other as usize].joined, Joined::Alone) != Joined::Alone
                    && let Some(cold) = self.cold[other as usize].as_mut()
                {
                    (cold.bridge, cold.renumbering) = (None, None);
                }
            }
            Joined::Mix { mixer, seat } => {
                let Some(seats) = self.mixers.get_mut(mixer as usize) else { return };
                seats.legs[usize::from(seat)] = None;
                let id = seats.bridge;
                let mut left = seats.legs.into_iter().flatten();
                if let (Some(one), Some(two)) = (left.next(), left.next()) {
                    let mixer = seats.mixer.take();
                    seats.legs = [None; 3];
                    self.bridges -= 1;
                    self.join_pair(id, one, two);
                    self.spend_mixer(mixer);
                }
            }
        }
    }

    fn spend_mixer(&mut self, mixer: Option<Box<Mixer>>) {
        if let Some(mixer) = mixer {
            self.tell(News::Spent(Spent::Mixer(mixer)));
        }
    }
}
