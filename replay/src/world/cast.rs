//! The people behind the line in a page, and what each does when their telephone rings.
//! Ringing them is left to the stages.

use super::{GivenFault, refuse};
use crate::script::{Entry, Script};
use caseline_conversation::effect::Chain;
use caseline_helpline::audit::Role;
use caseline_helpline::people::{Interpreter, Link, People};
use caseline_model::Language;
use std::time::Duration;

/// What somebody does when their telephone rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Takes it up after so long and accepts.
    Answers(Duration),
    /// Lets it ring.
    DoesNotAnswer,
    /// Takes it up and does not accept.
    Declines,
    /// Is on another contact: is not rung.
    OnContact,
}

/// One person or number of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name in the page.
    pub name: String,
    /// Which chain.
    pub chain: Chain,
    /// The role.
    pub role: Role,
    /// Languages that they speak with callers.
    pub speaks: Vec<Language>,
    /// What they do.
    pub behaviour: Behaviour,
}

/// Everybody behind the line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cast {
    /// In the order of the chains.
    pub members: Vec<Member>,
    /// Languages that an interpreter is there for.
    pub interpreted: Vec<Language>,
}

impl Cast {
    /// The members of a chain, in order.
    pub fn chain(&self, chain: Chain) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(move |member| member.chain == chain)
    }

    /// As the line's settings would name them.
    pub(super) fn people(&self, target: &dyn Fn(&str) -> String) -> People {
        let links = |chain| {
            self.chain(chain)
                .map(|member| Link {
                    name: member.name.clone(),
                    role: member.role,
                    target: target(&member.name),
                    language: Language::ENGLISH,
                    speaks: member.speaks.clone(),
                })
                .collect()
        };
        let interpreters = if self.interpreted.is_empty() {
            Vec::new()
        } else {
            vec![Interpreter { target: target("interpreter"), languages: self.interpreted.clone() }]
        };
        People { staff: links(Chain::Staff), urgent: links(Chain::Urgent), interpreters, listeners: Vec::new() }
    }
}

pub(super) fn read(script: &Script) -> Result<Cast, GivenFault> {
    let mut cast = Cast::default();
    for entry in &script.given {
        match entry.key.as_str() {
            "agents" => add(&mut cast, entry, Chain::Staff, &entry.text())?,
            "chain" => {
                for row in &entry.values {
                    let wrong = || refuse(entry, "write `chain staff: NAME answers after 5 s; …` or `chain urgent: …`");
                    let (chain, members) = row.split_once(": ").ok_or_else(wrong)?;
                    let chain = match chain {
                        "staff" => Chain::Staff,
                        "urgent" => Chain::Urgent,
                        _ => return Err(wrong()),
                    };
                    add(&mut cast, entry, chain, members)?;
                }
            }
            "interpreters" => {
                let text = entry.text();
                let languages = text.split(' ').map(str::parse::<Language>).collect::<Result<Vec<_>, _>>();
                cast.interpreted = languages.map_err(|fault| refuse(entry, fault.to_string()))?;
            }
            _ => {}
        }
    }
    Ok(cast)
}

fn add(cast: &mut Cast, entry: &Entry, chain: Chain, members: &str) -> Result<(), GivenFault> {
    if matches!(members, "none" | "none on shift") {
        return Ok(());
    }
    for text in members.split(';').map(str::trim) {
        let (name, rest) = text.split_once(' ').unwrap_or((text, "available"));
        let mut words = rest.split(' ').peekable();
        let mut speaks = Vec::new();
        if words.next_if_eq(&"speaks").is_some() {
            while let Some(word) = words.next_if(|word| word.trim_end_matches(',').parse::<Language>().is_ok()) {
                speaks.extend(word.trim_end_matches(',').parse::<Language>());
            }
        }
        let does = words.collect::<Vec<_>>().join(" ");
        let after = |seconds: &str| seconds.strip_suffix(" s")?.parse().ok().map(Duration::from_secs);
        let behaviour = match does.as_str() {
            "" | "available" | "answers" => Behaviour::Answers(Duration::from_secs(2)),
            "does not answer" => Behaviour::DoesNotAnswer,
            "declines" => Behaviour::Declines,
            "on a contact" => Behaviour::OnContact,
            other => match other.strip_prefix("answers after ").and_then(after) {
                Some(after) => Behaviour::Answers(after),
                None => {
                    return Err(refuse(
                        entry,
                        format!(
                            "{name} is available, answers, `answers after 5 s`, `does not answer`, declines or is `on a contact`; not `{other}`"
                        ),
                    ));
                }
            },
        };
        let role = match name {
            name if name.contains("legal") => Role::LegalOnCall,
            name if name.contains("partner") => Role::Partner,
            _ => Role::Staff,
        };
        cast.members.push(Member { name: name.to_owned(), chain, role, speaks, behaviour });
    }
    Ok(())
}
