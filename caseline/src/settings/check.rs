//! What settings are refused for, beyond their grammar: each with the row of the mistake.
//! Refusals that need the store or the words (weak store, drafts on a trunk) stand where those are opened.

use super::Settings;
use caseline_helpline::retention::KeptTimes;
use caseline_model::{Phone, TimeOfDay, Zone};
use caseline_voice::media::Network;

/// The largest room for a full disk: more would be missed elsewhere.
const BALLAST_MB_MAX: u64 = 64 * 1024;

/// What is wrong, where, and what to do.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {what}", row_of(.row))]
pub struct SettingsFault {
    /// The file.
    pub file: String,
    /// The row, from 1; 0 when it is about the whole file.
    pub row: usize,
    /// What is wrong and what to do.
    pub what: String,
}

fn row_of(row: &usize) -> String {
    if *row == 0 { String::new() } else { format!(":{row}") }
}

impl super::Web {
    /// What is wrong with the desk's own host.
    fn desk_fault(&self) -> Option<String> {
        let desk = self.desk_address.as_deref()?;
        let host =
            |address: &str| address.trim_start_matches("https://").split(['/', ':']).next().map(str::to_lowercase);
        let what = match self.public_address.as_deref() {
            _ if !desk.starts_with("https://") => "is an https address, such as https://desk.example.org",
            None => "needs web.public_address beside it: the host of the pages for callers",
            Some(public) if host(public) == host(desk) => {
                "has the host of web.public_address; name another one, or leave it out"
            }
            Some(_) => return None,
        };
        Some(format!("web.desk_address {what}"))
    }
}

impl Settings {
    pub(super) fn check(&self, file: &str, text: &str) -> Result<(), SettingsFault> {
        let fault =
            |key: &str, what: String| Err(SettingsFault { file: file.to_owned(), row: row_of_key(text, key), what });
        if self.operator.name.trim().is_empty() {
            return fault("name", "operator.name is empty: callers are told first who answers".into());
        }
        if Zone::named(&self.line.zone).is_err() {
            return fault(
                "zone",
                format!("there is no time zone `{}`; use a name such as America/Chicago", self.line.zone),
            );
        }
        for (day, hours) in self.hours_rows() {
            if let Some(hours) = hours
                && read_hours(hours).is_none()
            {
                return fault(day, format!("`{hours}` are no hours; write 09:00-17:00, from before until"));
            }
        }
        for number in &self.line.shared_callers {
            if number.parse::<Phone>().is_err() {
                return fault("shared_callers", format!("`{number}` is no telephone number; write +1 and ten digits"));
            }
        }
        let most = caseline_store::vault::OpeningBudget::default();
        for (key, set, most) in [
            ("opens_an_hour", self.vault.opens_an_hour, most.an_hour),
            ("opens_a_day", self.vault.opens_a_day, most.a_day),
        ] {
            if set.is_some_and(|count| count == 0 || count > most) {
                return fault(key, format!("vault.{key} is 1 to {most}: a line may open fewer cases, never more"));
            }
        }
        let [first, last] = self.telephone.rtp_ports;
        if first > last || (first != 0 && last - first < 1) {
            return fault("rtp_ports", "rtp_ports are the first and the last port, the first one lower".into());
        }
        if self.telephone.media_threads == 0 || self.telephone.media_threads > 64 {
            return fault("media_threads", "media_threads is 1 to 64, one a processor".into());
        }
        let mut times = KeptTimes::default();
        for (word, key, hours) in self.retention.set() {
            if let Err(refusal) = times.shorten(word, hours) {
                return fault(key, refusal.to_string());
            }
        }
        for recipient in &self.backup.recipients {
            if !caseline_store::backup::is_recipient(recipient) {
                return fault(
                    "recipients",
                    "a recipient of backups is a public key of age: age1 and 58 letters and digits, as `caseline recovery \
                     sheet` prints it"
                        .into(),
                );
            }
        }
        if self.store.ballast_mb > BALLAST_MB_MAX {
            return fault("ballast_mb", format!("ballast_mb is at most {BALLAST_MB_MAX}; 0 keeps no room"));
        }
        for link in self.staff.iter().chain(&self.urgent) {
            if !is_target(&link.target) {
                return fault(
                    &format!("\"{}\"", link.target),
                    format!("`{}` cannot be rung; write a telephone number or sip:NAME@HOST:PORT", link.target),
                );
            }
        }
        for interpreter in &self.interpreter {
            if !is_target(&interpreter.target) {
                return fault(
                    &format!("\"{}\"", interpreter.target),
                    format!("`{}` cannot be rung; write a telephone number or sip:NAME@HOST:PORT", interpreter.target),
                );
            }
        }
        if let Some(trunk) = &self.telephone.outgoing_trunk
            && !self.trunk.iter().any(|t| t.name == *trunk)
        {
            return fault("outgoing_trunk", format!("there is no [[trunk]] named `{trunk}`"));
        }
        for network in self.trunk.iter().flat_map(|trunk| &trunk.media_networks) {
            if network.parse::<Network>().is_err() {
                let what = format!("`{network}` is no network; write address/bits, such as 203.0.113.0/24");
                return Err(SettingsFault { file: file.to_owned(), row: row_of_network(text, network), what });
            }
        }
        if !self.trunk.is_empty() && self.urgent.is_empty() {
            return fault(
                "trunk",
                "a line on a trunk needs an [[urgent]] chain: in danger, callers reach a live person at any hour"
                    .into(),
            );
        }
        if !self.web.metrics.ip().is_loopback() {
            return fault("metrics", "web.metrics must be a loopback address: figures are not for the network".into());
        }
        let tls = self.web.tls_cert.is_some() && self.web.tls_key.is_some();
        if self.web.tls_cert.is_some() != self.web.tls_key.is_some() {
            return fault("tls_", "web.tls_cert and web.tls_key go together".into());
        }
        if !self.web.bind.ip().is_loopback() && !tls && !self.web.behind_proxy {
            return fault("bind", "plain HTTP is served on a loopback address only; set web.tls_cert and web.tls_key, or web.behind_proxy".into());
        }
        if let Some(what) = self.web.desk_fault() {
            return fault("desk_address", what);
        }
        match self.openid_fault() {
            Some((key, what)) => fault(key, what),
            None => Ok(()),
        }
    }

    /// Weekdays with their hours, Monday first.
    pub fn hours_rows(&self) -> [(&'static str, Option<&String>); 7] {
        let hours = &self.line.hours;
        [
            ("mon", hours.mon.as_ref()),
            ("tue", hours.tue.as_ref()),
            ("wed", hours.wed.as_ref()),
            ("thu", hours.thu.as_ref()),
            ("fri", hours.fri.as_ref()),
            ("sat", hours.sat.as_ref()),
            ("sun", hours.sun.as_ref()),
        ]
    }
}

/// `09:00-17:00`, or nothing when it is not that. `00:00-24:00` is the whole day.
pub fn read_hours(text: &str) -> Option<(TimeOfDay, TimeOfDay)> {
    let (from, until) = text.split_once('-')?;
    let from: TimeOfDay = from.trim().parse().ok()?;
    let until = match until.trim() {
        "24:00" => TimeOfDay::new(23, 59)?,
        until => until.parse().ok()?,
    };
    (from < until).then_some((from, until))
}

fn is_target(target: &str) -> bool {
    target.strip_prefix("sip:").is_some_and(|rest| !rest.trim().is_empty()) || target.parse::<Phone>().is_ok()
}

/// The first row that has the key; 0 when the key is left out.
fn row_of_key(text: &str, key: &str) -> usize {
    text.lines().position(|row| !row.trim_start().starts_with('#') && row.contains(key)).map_or(0, |at| at + 1)
}

/// The first row from `media_networks` on that has the network.
fn row_of_network(text: &str, network: &str) -> usize {
    let list = row_of_key(text, "media_networks").saturating_sub(1);
    let rows = text.lines().enumerate().skip(list);
    let quoted = format!("\"{network}\"");
    rows.into_iter().find(|(_, row)| row.contains(&quoted)).map_or(0, |(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"[operator]
kind = "legal-aid"
name = "Lake Street Legal Aid (made up)"
shares_with = ""
hears_calls = ""

[line]
zone = "America/Chicago"
hours = { mon = "09:00-17:00" }

[telephone]
sip_port = 5060

[[urgent]]
name = "desk"
role = "staff"
target = "+1 202 555 0101"
language = "en"
speaks = ["en", "es"]
verified_on = "2026-11-20"
"#;

    fn fault(good: &str, bad: &str) -> String {
        assert!(GOOD.contains(good), "{good}");
        Settings::parse("caseline.toml", &GOOD.replacen(good, bad, 1)).unwrap_err().to_string()
    }

    #[test]
    fn the_desk_s_own_host_is_another_one_and_over_tls() {
        let with = |web: &str| Settings::parse("caseline.toml", &format!("{GOOD}\n[web]\n{web}\n"));
        let public = "public_address = \"https://help.example.org\"";
        let desk = |address: &str| format!("{public}\ndesk_address = \"{address}\"");
        assert!(with(&desk("https://desk.example.org")).is_ok());
        for (web, said) in [
            (desk("http://desk.example.org"), "web.desk_address is an https address"),
            (desk("https://HELP.example.org:8443/"), "web.desk_address has the host of web.public_address"),
            ("desk_address = \"https://desk.example.org\"".into(), "web.desk_address needs web.public_address"),
        ] {
            let fault = with(&web).unwrap_err().to_string();
            assert!(fault.starts_with("caseline.toml:") && fault.contains(said), "{fault}");
        }
    }

    #[test]
    fn good_settings_are_read() {
        let settings = Settings::parse("caseline.toml", GOOD).unwrap();
        assert_eq!(settings.urgent.len(), 1);
    }

    #[test]
    fn what_an_operator_keeps_shorter_is_kept_shorter() {
        use caseline_helpline::retention::DataClass;
        let text = GOOD.replacen("[line]", "[retention]\nmessage_h = 24\n\n[line]", 1);
        let times = Settings::parse("caseline.toml", &text).unwrap().retention.times();
        assert_eq!(times.kept(DataClass::Message).as_secs(), 24 * 3_600);
        assert_eq!(times.kept(DataClass::CaseFile), DataClass::CaseFile.kept());
    }

    #[test]
    fn a_mistake_is_named_with_its_row_and_what_to_do() {
        assert!(fault("kind = \"legal-aid\"\n", "").starts_with("caseline.toml:1: missing field `kind`"));
        assert!(fault("shares_with = \"\"\n", "").contains("missing field `shares_with`"));
        assert_eq!(
            fault("America/Chicago", "Chicago"),
            "caseline.toml:8: there is no time zone `Chicago`; use a name such as America/Chicago"
        );
        assert!(fault("sip_port", "sip_prot").starts_with("caseline.toml:12: unknown field `sip_prot`"));
        assert_eq!(
            fault("09:00-17:00", "17:00-09:00"),
            "caseline.toml:9: `17:00-09:00` are no hours; write 09:00-17:00, from before until"
        );
        assert!(fault("+1 202 555 0101", "call me").starts_with("caseline.toml:17: `call me` cannot be rung"));
        assert_eq!(
            fault("[line]", "[retention]\nlimits_h = 24\nmessage_h = 73\n\n[line]"),
            "caseline.toml:9: `message` is kept for 72 hours at the most, counted from the moment it was heard; a line may \
             keep it shorter, never longer"
        );
        assert!(
            fault("[line]", "[backup]\nrecipients = [\"age1short\"]\n\n[line]")
                .starts_with("caseline.toml:8: a recipient of backups is a public key of age")
        );
        assert!(
            fault("[line]", "[store]\nballast_mb = 70000\n\n[line]")
                .starts_with("caseline.toml:8: ballast_mb is at most")
        );
        assert!(fault("[line]", "[retention]\nnames_h = 1\n\n[line]").starts_with("caseline.toml:8: unknown field"));
        assert!(
            fault("[line]", "[web]\nbind = \"0.0.0.0:8080\"\n\n[line]")
                .starts_with("caseline.toml:8: plain HTTP is served on a loopback")
        );
    }

    #[test]
    fn a_trunk_s_media_networks_are_read_and_a_mistake_in_them_is_named_with_its_row() {
        let trunk = |networks: &str| {
            let trunk =
                "[[trunk]]\nname = \"carrier\"\nhost = \"127.0.0.9\"\naccount = \"line\"\npassword_file = \"secret\"";
            format!("{GOOD}\n{trunk}\nmedia_networks = [\n  \"203.0.113.0/24\",\n  \"{networks}\",\n]\n")
        };
        let settings = Settings::parse("caseline.toml", &trunk("2001:db8::/32")).unwrap();
        assert_eq!(settings.trunk[0].media_networks, ["203.0.113.0/24", "2001:db8::/32"]);
        for wrong in ["203.0.113.0/33", "carrier.example", ""] {
            let fault = Settings::parse("caseline.toml", &trunk(wrong)).unwrap_err().to_string();
            let told = format!("caseline.toml:29: `{wrong}` is no network; write address/bits, such as 203.0.113.0/24");
            assert_eq!(fault, told);
        }
    }

    #[test]
    fn a_line_on_a_trunk_without_a_24_hour_chain_is_refused() {
        let trunk =
            "[[trunk]]\nname = \"carrier\"\nhost = \"127.0.0.9\"\naccount = \"line\"\npassword_file = \"secret\"\n";
        let cut = GOOD.split("[[urgent]]").next().unwrap();
        let fault = Settings::parse("caseline.toml", &format!("{cut}{trunk}")).unwrap_err().to_string();
        assert!(fault.starts_with("caseline.toml:14: a line on a trunk needs an [[urgent]] chain"), "{fault}");
    }
}
