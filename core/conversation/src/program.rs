//! All that a conversation is made of, as one value: flows, words, policy, the operator, articles and the directory.
//! Reading it from texts is left to `material`.

use crate::flow::Flow;
use crate::operator::Operator;
use crate::policy::Policy;
use crate::words::Words;
use caseline_knowledge::Library;
use caseline_model::Zone;
use std::collections::BTreeMap;

/// Everything a conversation is made of. It is shared by all conversations and never changes while one runs.
#[derive(Debug)]
pub struct Program {
    /// The flows by id.
    pub flows: BTreeMap<String, Flow>,
    /// The words of every language.
    pub words: Words,
    /// The policy.
    pub policy: Policy,
    /// Who answers.
    pub operator: Operator,
    /// Articles and the directory of legal help.
    pub library: Library,
    /// The line's time zone.
    pub zone: Zone,
}

impl Program {
    /// A step by flow and name.
    pub fn step(&self, flow: &str, step: &str) -> Option<&crate::flow::Step> {
        self.flows.get(flow)?.steps.get(step)
    }
}
