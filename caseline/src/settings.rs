//! The one file of settings, `caseline.toml`: every key, its default, and what is refused, with its row.
//! docs/reference/settings.md lists the same keys; a test compares them.

mod check;
mod openid;

use caseline_conversation::operator::Operator;
use caseline_helpline::retention::KeptTimes;
use caseline_model::{Date, Language};
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

pub use check::{SettingsFault, read_hours};

/// All settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Who answers; required.
    pub operator: Operator,
    /// The line: its zone and the hours of its staff.
    #[serde(default)]
    pub line: LineSettings,
    /// SIP and voice.
    #[serde(default)]
    pub telephone: Telephone,
    /// Carriers.
    #[serde(default)]
    pub trunk: Vec<TrunkSettings>,
    /// Staff in their hours, in the order in which they are rung.
    #[serde(default)]
    pub staff: Vec<LinkSettings>,
    /// The 24-hour chain: own staff, then legal on call, then the partner.
    #[serde(default)]
    pub urgent: Vec<LinkSettings>,
    /// Interpreters by number.
    #[serde(default)]
    pub interpreter: Vec<InterpreterSettings>,
    /// Who hears messages by telephone.
    #[serde(default)]
    pub message_listener: Vec<ListenerSettings>,
    /// Pages.
    #[serde(default)]
    pub web: Web,
    /// The identity provider of the staff; none: passkeys alone.
    #[serde(default)]
    pub openid: Option<OpenidPart>,
    /// How prompts are spoken.
    #[serde(default)]
    pub speech: Speech,
    /// What is kept for a shorter time than the table says, in hours.
    #[serde(default)]
    pub retention: RetentionSettings,
    /// Where backups go.
    #[serde(default)]
    pub backup: BackupSettings,
    /// Room that is kept for a full disk.
    #[serde(default)]
    pub store: StorePart,
    /// Where the keys are held.
    #[serde(default)]
    pub vault: VaultPart,
    /// Own flows, words and articles; none: those that the program carries.
    #[serde(default)]
    pub material: Option<PathBuf>,
}

/// Times that the operator shortens, in hours; none: the table's own (`caseline held` prints it).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionSettings {
    /// State of a running conversation.
    pub conversation_state_h: Option<u64>,
    /// A contact's row.
    pub contact_row_h: Option<u64>,
    /// A contact's exact times.
    pub contact_times_h: Option<u64>,
    /// A caller's number for a callback.
    pub callback_number_h: Option<u64>,
    /// A message after it was heard.
    pub message_h: Option<u64>,
    /// A message that nobody has heard yet.
    pub message_waiting_h: Option<u64>,
    /// A file, a card and an enrolled record after the last contact.
    pub case_file_h: Option<u64>,
    /// A report after its outcome.
    pub report_h: Option<u64>,
    /// A report without an outcome after its last move.
    pub report_open_h: Option<u64>,
    /// Content of the audit log.
    pub audit_content_h: Option<u64>,
    /// Counters of the limits after the last wrong try.
    pub limits_h: Option<u64>,
    /// An account of the desk after its end.
    pub staff_account_h: Option<u64>,
}

impl RetentionSettings {
    /// Word of the table, key of the settings, hours: those that are set.
    pub fn set(&self) -> Vec<(&'static str, &'static str, u64)> {
        [
            ("conversation-state", "conversation_state_h", self.conversation_state_h),
            ("contact-row", "contact_row_h", self.contact_row_h),
            ("contact-times", "contact_times_h", self.contact_times_h),
            ("callback-number", "callback_number_h", self.callback_number_h),
            ("message", "message_h", self.message_h),
            ("message-waiting", "message_waiting_h", self.message_waiting_h),
            ("case-file", "case_file_h", self.case_file_h),
            ("report", "report_h", self.report_h),
            ("report-open", "report_open_h", self.report_open_h),
            ("audit-content", "audit_content_h", self.audit_content_h),
            ("limits", "limits_h", self.limits_h),
            ("staff-account", "staff_account_h", self.staff_account_h),
        ]
        .into_iter()
        .filter_map(|(word, key, hours)| Some((word, key, hours?)))
        .collect()
    }

    /// The table, shortened. Settings that were checked shorten without a refusal.
    pub fn times(&self) -> KeptTimes {
        let mut times = KeptTimes::default();
        for (word, _, hours) in self.set() {
            // Refused at start by `check`, with the row; a longer time is never taken.
            let _ = times.shorten(word, hours);
        }
        times
    }
}

/// The line.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LineSettings {
    /// IANA name.
    pub zone: String,
    /// Opening hours of the staff: `mon = "09:00-17:00"`.
    pub hours: HoursSettings,
    /// Days on which no staff are there: `2026-12-25`.
    pub closed_on: Vec<Date>,
    /// Numbers that many callers share (shelters, gateways).
    pub shared_callers: Vec<String>,
}

impl Default for LineSettings {
    fn default() -> Self {
        Self {
            zone: "America/Chicago".into(),
            hours: HoursSettings::default(),
            closed_on: Vec::new(),
            shared_callers: Vec::new(),
        }
    }
}

/// Opening hours by weekday, `HH:MM-HH:MM`; a day that is left out is closed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HoursSettings {
    /// Monday.
    pub mon: Option<String>,
    /// Tuesday.
    pub tue: Option<String>,
    /// Wednesday.
    pub wed: Option<String>,
    /// Thursday.
    pub thu: Option<String>,
    /// Friday.
    pub fri: Option<String>,
    /// Saturday.
    pub sat: Option<String>,
    /// Sunday.
    pub sun: Option<String>,
}

/// SIP and voice.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Telephone {
    /// The address that is listened on.
    pub bind: IpAddr,
    /// SIP over UDP and TCP; 0 takes a free port.
    pub sip_port: u16,
    /// The first and last port for voice; `[0, 0]` takes free ports.
    pub rtp_ports: [u16; 2],
    /// The address that far ends must use, when a router translates addresses.
    pub advertised: Option<IpAddr>,
    /// Media threads.
    pub media_threads: usize,
    /// Calls at one time.
    pub calls_max: usize,
    /// Networks from which calls are taken; empty: every one.
    pub allowed_peers: Vec<String>,
    /// The number that called parties see.
    pub own_number: Option<String>,
    /// Over which trunk numbers are rung; none: the first one.
    pub outgoing_trunk: Option<String>,
    /// Where numbers are rung without a trunk: `HOST:PORT` of an exchange.
    pub numbers_at: Option<String>,
    /// Numbers of the line that have a language or purpose of their own.
    pub number: Vec<NumberSettings>,
    /// Addresses from which detention telephones call.
    pub custody_peers: Vec<IpAddr>,
}

impl Default for Telephone {
    fn default() -> Self {
        Self {
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            sip_port: 5060,
            rtp_ports: [20_000, 20_063],
            advertised: None,
            media_threads: 1,
            calls_max: 1_000,
            allowed_peers: Vec::new(),
            own_number: None,
            outgoing_trunk: None,
            numbers_at: None,
            number: Vec::new(),
            custody_peers: Vec::new(),
        }
    }
}

/// One number of the line.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberSettings {
    /// As the trunk sends it.
    pub called: String,
    /// In this language: the menu is skipped.
    pub language: Option<Language>,
    /// `line` (the default), `custody` or `messages`.
    #[serde(default)]
    pub purpose: PurposeSettings,
}

/// What a number is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurposeSettings {
    /// Callers.
    #[default]
    Line,
    /// Callers from detention telephones.
    Custody,
    /// Staff who hear messages.
    Messages,
}

/// A carrier.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkSettings {
    /// A name for it.
    pub name: String,
    /// Its host.
    pub host: String,
    /// Its port.
    #[serde(default = "sip_port")]
    pub port: u16,
    /// Over TCP.
    #[serde(default)]
    pub tcp: bool,
    /// The account.
    pub account: String,
    /// The name in the digest, if another.
    pub login: Option<String>,
    /// A file with the password, readable by the program alone.
    pub password_file: PathBuf,
    /// Register with it.
    #[serde(default = "yes")]
    pub register: bool,
    /// For so many seconds at a time.
    #[serde(default = "expires")]
    pub expires_s: u32,
    /// Send requests here instead.
    pub outbound_proxy: Option<String>,
    /// Networks from which it sends voice beside its SIP address: `203.0.113.0/24`.
    #[serde(default)]
    pub media_networks: Vec<String>,
}

const fn sip_port() -> u16 {
    5060
}
const fn yes() -> bool {
    true
}
const fn expires() -> u32 {
    300
}

/// One number of a chain.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkSettings {
    /// A name for logs and figures, never a person's.
    pub name: String,
    /// `staff`, `legal_on_call` or `partner`.
    pub role: LinkRole,
    /// A telephone number, or `sip:NAME@HOST:PORT`.
    pub target: String,
    /// The language in which it is told who waits.
    pub language: Language,
    /// Languages in which it can talk with callers.
    pub speaks: Vec<Language>,
    /// When the number was last verified by a call.
    pub verified_on: Date,
}

/// The role of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkRole {
    /// Own staff.
    Staff,
    /// A lawyer on call.
    LegalOnCall,
    /// A partner's number.
    Partner,
}

/// An interpreter's number.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterpreterSettings {
    /// A telephone number, or `sip:NAME@HOST:PORT`.
    pub target: String,
    /// Languages.
    pub languages: Vec<Language>,
}

/// Who hears messages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenerSettings {
    /// A name for logs, never a person's.
    pub name: String,
    /// Their language.
    pub language: Language,
    /// SHA-256 of salt and code in hexadecimal; docs/reference/settings.md says how to make one.
    pub code_hash: String,
    /// The salt.
    pub code_salt: String,
}

/// Pages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Web {
    /// Where pages are served.
    pub bind: SocketAddr,
    /// Where figures are served; loopback only.
    pub metrics: SocketAddr,
    /// The number to call, as it is shown.
    pub number_to_call: String,
    /// The certificate chain, PEM.
    pub tls_cert: Option<PathBuf>,
    /// Its key, PEM.
    pub tls_key: Option<PathBuf>,
    /// TLS ends at a proxy before this program.
    pub behind_proxy: bool,
    /// The address under which browsers reach the pages, such as `https://help.example.org`; none: the one they name.
    pub public_address: Option<String>,
    /// The address of the desk, where it has a host of its own; none: below the public address.
    pub desk_address: Option<String>,
    /// Browsers are told that all hosts below this one are reached over TLS too.
    pub hosts_below_over_tls: bool,
    /// Where "leave this page" leads; none: a plain page of our own.
    pub quick_exit: Option<String>,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 8080)),
            metrics: SocketAddr::from(([127, 0, 0, 1], 9090)),
            number_to_call: String::new(),
            tls_cert: None,
            tls_key: None,
            behind_proxy: false,
            public_address: None,
            desk_address: None,
            hosts_below_over_tls: true,
            quick_exit: None,
        }
    }
}

/// An identity provider by which staff join and sign in beside passkeys (OpenID Connect).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenidPart {
    /// Its issuer: `https://id.example.org`.
    pub issuer: String,
    /// What it calls this desk.
    pub client_id: String,
    /// A file with the secret that it shares with this desk, readable by the program alone; none: PKCE alone.
    pub client_secret_file: Option<PathBuf>,
    /// Hosts besides the issuer's at which its other addresses are.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Authorities that may certify these hosts, PEM.
    #[serde(default = "authorities")]
    pub ca_file: PathBuf,
    /// Classes of authentication of which a token must have one.
    #[serde(default)]
    pub acr: Vec<String>,
    /// Methods of authentication of which a token must have one.
    #[serde(default)]
    pub amr: Vec<String>,
}

/// Debian's own, which its updates keep.
fn authorities() -> PathBuf {
    PathBuf::from("/etc/ssl/certs/ca-certificates.crt")
}

/// How prompts are spoken.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Speech {
    /// `espeak`; `tape` and `silent` are for tests.
    pub voice: VoiceKind,
    /// Words a minute.
    pub words_per_minute: u16,
    /// Folders with recordings.
    pub prompt_packs: Vec<PathBuf>,
}

impl Default for Speech {
    fn default() -> Self {
        Self { voice: VoiceKind::Espeak, words_per_minute: 150, prompt_packs: Vec::new() }
    }
}

/// Backups.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BackupSettings {
    /// Folders for `caseline backup`; the copy of the key ring in each follows every destruction of keys.
    pub folders: Vec<PathBuf>,
    /// Public keys of `age` to which backups are encrypted; none: they are not.
    pub recipients: Vec<String>,
}

/// Where everything is kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StorePart {
    /// Room kept for a full disk, in mebibytes; 0: none.
    pub ballast_mb: u64,
}

impl Default for StorePart {
    fn default() -> Self {
        Self { ballast_mb: caseline_store::settings::BALLAST_MB }
    }
}

/// Where the keys are held.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VaultPart {
    /// The socket of `caseline vault`; none: the keys are in this process and in the data folder.
    pub socket: Option<PathBuf>,
    /// Openings of cases in an hour, at the most, by a vault in this process; fewer than the most there may be only.
    pub opens_an_hour: Option<u32>,
    /// The same in a day.
    pub opens_a_day: Option<u32>,
}

impl VaultPart {
    /// The budget, shortened.
    pub fn openings(&self) -> caseline_store::vault::OpeningBudget {
        caseline_store::vault::OpeningBudget::default().shortened(self.opens_an_hour, self.opens_a_day)
    }
}

/// A voice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoiceKind {
    /// espeak-ng as a separate program.
    Espeak,
    /// Writes the text itself into the sound; for tests.
    Tape,
    /// Says nothing; for the test that a silent line fails.
    Silent,
}

impl Settings {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// What is wrong, with the file and its row.
    pub fn read(path: &Path) -> Result<Self, SettingsFault> {
        let text = std::fs::read_to_string(path).map_err(|error| SettingsFault {
            file: path.display().to_string(),
            row: 0,
            what: format!("cannot be read: {error}; `caseline setup --small` makes one"),
        })?;
        Self::parse(&path.display().to_string(), &text)
    }

    /// Reads and checks a text.
    ///
    /// # Errors
    /// What is wrong, with the file and its row.
    pub fn parse(file: &str, text: &str) -> Result<Self, SettingsFault> {
        let settings: Self = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let row = text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
            SettingsFault { file: file.to_owned(), row, what: error.message().to_owned() }
        })?;
        settings.check(file, text)?;
        Ok(settings)
    }
}
