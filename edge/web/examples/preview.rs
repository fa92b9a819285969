//! Serves the pages of a made-up line on 127.0.0.1, to look at them: `cargo run -p caseline-web --example preview`.
//! Nothing is kept; the program with real callers is `caseline`.
#![expect(clippy::unwrap_used, reason = "a preview that cannot start stops")]

#[path = "../tests/web/line.rs"]
#[expect(dead_code, reason = "tests turn the clock and look into the store; a preview does not")]
mod line;

use caseline_web::Server;
use std::io::Write;

#[tokio::main]
async fn main() {
    let mut settings = line::settings();
    settings.bind = "127.0.0.1:8087".parse().unwrap();
    settings.metrics_bind = Some("127.0.0.1:9097".parse().unwrap());
    let made_up = line::made_up();
    let server = Server::open(made_up.state(settings)).await.unwrap();
    let mut out = std::io::stdout();
    let address = server.address().unwrap();
    writeln!(out, "http://{address}/ shows the pages of a made-up line; stop it with Ctrl-C").unwrap();
    server
        .run(async {
            tokio::signal::ctrl_c().await.unwrap();
        })
        .await;
}
