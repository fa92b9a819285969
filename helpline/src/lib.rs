//! What people can do, who may, and what is written down: use cases, policy, audit, retention, and the ports they need.
//! Databases, sockets and pages are left to the edges, which implement and call what stands here.

pub mod audit;
pub mod cards;
pub mod case_page;
pub mod chance;
pub mod clock;
pub mod contact;
pub mod demand;
pub mod fault;
pub mod fuzzing;
pub mod grant;
pub mod hours;
pub mod limits;
pub mod logins;
pub mod openid;
pub mod people;
pub mod policy;
pub mod ports;
pub mod release;
pub mod retention;
pub mod staff;
pub mod tickets;

pub use audit::{AuditEvent, AuditReceipt, Role};
pub use chance::Chance;
pub use clock::Clock;
pub use contact::{ContactRunner, Line, LineOutput};
pub use fault::StoreFault;
pub use grant::Grant;
pub use logins::LoginDesk;
pub use openid::OpenidDesk;
pub use ports::Store;
pub use staff::StaffStore;
pub use tickets::TicketDesk;
