//! A running line sends to nobody but whom its settings name and who rang it (S18): every destination that the kernel is
//! asked for, by strace.
//! That no place in the source opens another way out is left to `xtask/tests/outbound.rs`.

use crate::reviewed::a_reviewed_line;
use crate::{Demonstration, Folder, caseline, text};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// How long the last rows of strace are waited for.
const WITHIN: Duration = Duration::from_secs(5);

/// The carrier, at an address where nobody answers.
const TRUNK: &str = "127.0.0.77";
/// The desk that is rung for urgent help, at another.
const DESK: &str = "127.0.0.78";
/// Whoever calls, and opens pages.
const CALLER: &str = "127.0.0.1";

/// The same program, with every call that names a destination written to a file.
fn watched(folder: &Path, arguments: &[&str], to: &Path) -> Command {
    let line = caseline(folder, arguments);
    let mut command = Command::new("strace");
    // -D: strace stands beside the program and not above it, so that the child is the program itself.
    command.args(["-D", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-e", "signal=none", "-o"]).arg(to);
    command.arg(line.get_program()).args(line.get_args()).current_dir(folder);
    command
}

/// The addresses that stand in strace's rows.
fn destinations(rows: &str) -> BTreeSet<IpAddr> {
    let pieces = rows.split("inet_addr(\"").skip(1).chain(rows.split("inet_pton(AF_INET6, \"").skip(1));
    pieces.filter_map(|piece| piece.split('"').next()?.parse().ok()).collect()
}

/// The same of a whole file: strace, which nobody waits for, writes its last rows when the program has ended.
fn told_by(file: &Path) -> BTreeSet<IpAddr> {
    let until = Instant::now() + WITHIN;
    let mut rows = std::fs::read_to_string(file).unwrap();
    loop {
        std::thread::sleep(Duration::from_millis(100));
        let more = std::fs::read_to_string(file).unwrap();
        if (more.len() == rows.len() && more.ends_with('\n')) || Instant::now() > until {
            return destinations(&more);
        }
        rows = more;
    }
}

/// Whom the settings name: hosts of trunks, and of the addresses of people.
fn named(settings: &str) -> BTreeSet<IpAddr> {
    let settings: toml::Value = toml::from_str(settings).unwrap();
    let rows = |table: &str| settings.get(table).and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let hosts = rows("trunk").into_iter().map(|trunk| trunk["host"].as_str().unwrap().to_owned());
    let people = ["staff", "urgent", "interpreter"].into_iter().flat_map(rows);
    let targets = people.map(|person| {
        let target = person["target"].as_str().unwrap();
        target.rsplit('@').next().unwrap().split(':').next().unwrap().to_owned()
    });
    hosts.chain(targets).map(|host| host.parse().unwrap()).collect()
}

/// Destinations that nobody named.
fn strangers(found: &BTreeSet<IpAddr>, settings: &str) -> Vec<IpAddr> {
    let mut allowed = named(settings);
    allowed.insert(CALLER.parse().unwrap());
    found.difference(&allowed).copied().collect()
}

#[test]
fn the_program_sends_to_nobody_but_whom_its_settings_name() {
    let folder = Folder::new("outbound");
    let more = format!(
        "\n[[trunk]]\nname = \"carrier\"\nhost = \"{TRUNK}\"\naccount = \"line\"\npassword_file = \"password\"\n"
    );
    std::fs::write(folder.0.join("password"), "made up").unwrap();
    a_reviewed_line(&folder.0, &more);
    let settings = std::fs::read_to_string(folder.0.join("caseline.toml")).unwrap();
    let settings = settings.replace("sip:desk@127.0.0.1:9", &format!("sip:desk@{DESK}:9"));
    std::fs::write(folder.0.join("caseline.toml"), &settings).unwrap();

    let seen = folder.0.join("destinations");
    let mut line = Demonstration::up(watched(&folder.0, &["serve"], &seen), "stop ");
    // Spanish, then urgent help and danger now, for which the desk is rung.
    let call = caseline(&folder.0, &["call", &line.sip, "--keys", "2 9 1", "--seconds", "30"]).output().unwrap();
    assert!(text(&call.stdout).contains("Lake Street Legal Aid"), "{}", text(&call.stdout));
    let mut browser = crate::page::Browser::at(&line.page);
    assert!(browser.open("/es").html.contains("Lake Street Legal Aid"));
    line.terminate();
    assert!(line.child.wait().unwrap().success());

    let found = told_by(&seen);
    for (who, address) in [("the trunk", TRUNK), ("the desk", DESK), ("the caller", CALLER)] {
        assert!(found.contains(&address.parse().unwrap()), "{who} was not seen: {found:?}");
    }
    assert_eq!(strangers(&found, &settings), Vec::<IpAddr>::new(), "whom no setting names");
}

#[test]
fn a_host_that_no_setting_names_is_found() {
    let settings = format!("[[trunk]]\nhost = \"{TRUNK}\"\n[[staff]]\ntarget = \"sip:desk@{DESK}:9\"\n");
    let rows = format!(
        "7 sendto(9, \"REGISTER\", 8, 0, {{sa_family=AF_INET, sin_port=htons(5060), sin_addr=inet_addr(\"{TRUNK}\")}}, 16) = 8\n\
         7 sendto(9, \"INVITE\", 6, 0, {{sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr(\"{DESK}\")}}, 16) = 6\n"
    );
    assert!(strangers(&destinations(&rows), &settings).is_empty());
    let four =
        "8 connect(12, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr(\"198.51.100.7\")}, 16) = -1\n";
    let six = "8 connect(12, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), \
               inet_pton(AF_INET6, \"2001:db8::7\", &sin6_addr), sin6_scope_id=0}, 28) = -1\n";
    let found = destinations(&format!("{rows}{four}{six}"));
    let expected: Vec<IpAddr> = vec!["198.51.100.7".parse().unwrap(), "2001:db8::7".parse().unwrap()];
    assert_eq!(strangers(&found, &settings), expected);
}
