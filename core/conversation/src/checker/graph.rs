//! One graph of everything that can follow anything: every `call` unfolded into the called flow, every `end` wired back.
//! What must hold on it is left to the rules.
//!
//! Each call gets a copy of the called flow, so a path that enters by one call never leaves by another. Flows may not
//! call themselves, so that ends; a bound holds in any case.

use crate::flow::{ContactFact, Flow, Kind, Step};
use crate::program::Program;
use crate::slot::SlotType;
use crate::state::CALL_DEPTH_MAX;
use std::collections::{BTreeMap, BTreeSet};

/// How many places the unfolded graph may have.
pub(super) const PLACE_COUNT_MAX: usize = 10_000;

/// Further than any count: cannot be reached.
pub(super) const FAR: u32 = u32::MAX;

/// Facts that hold, or do not, from the arrival of a contact to its end. A case is opened on the way, so that fact is
/// none of them.
pub(super) struct Facts(Vec<(ContactFact, bool)>);

impl Facts {
    /// Nothing is known: `when` can come out either way each time.
    pub(super) const fn any() -> Self {
        Self(Vec::new())
    }

    /// Every combination of the facts that the flows ask for.
    pub(super) fn all(program: &Program) -> Vec<Self> {
        let steps = || program.flows.values().flat_map(|flow| flow.steps.values());
        let mut all = vec![Vec::new()];
        for fact in ContactFact::ALL.iter().map(|row| row.1).filter(|fact| *fact != ContactFact::CaseOpen) {
            if steps().any(|step| step.kind == Kind::When { fact }) {
                all = all
                    .iter()
                    .flat_map(|known| [true, false].map(|holds| known.iter().copied().chain([(fact, holds)]).collect()))
                    .collect();
            }
        }
        all.into_iter().map(Self).collect()
    }

    fn allow(&self, kind: &Kind, outcome: &str) -> bool {
        let Kind::When { fact } = kind else { return true };
        let known = self.0.iter().find(|known| known.0 == *fact);
        known.is_none_or(|known| outcome == if known.1 { "yes" } else { "no" })
    }
}

/// The unfolded graph: only what a contact can reach.
pub(super) struct Graph<'p> {
    pub(super) nodes: Vec<Node<'p>>,
    contexts: Vec<Context<'p>>,
    at: BTreeMap<(usize, &'p str), usize>,
    by_step: BTreeMap<(&'p str, &'p str), Vec<usize>>,
    /// Where a contact begins.
    pub(super) start: Option<usize>,
    /// Where the person key leads.
    pub(super) person: Option<usize>,
    /// Where the urgent key leads.
    pub(super) urgent: Option<usize>,
    /// Calls of a flow by itself, directly or by way of others.
    pub(super) recursions: BTreeSet<(&'p str, &'p str)>,
    /// Calls that are deeper than the engine goes.
    pub(super) too_deep: BTreeSet<(&'p str, &'p str)>,
    /// Steps that follow one another for ever without an input, a row of steps each.
    pub(super) loops: Vec<Vec<usize>>,
    /// Whether the bound was met and the rest is missing.
    pub(super) is_too_large: bool,
}

/// One step in one unfolding of its flow.
pub(super) struct Node<'p> {
    pub(super) flow: &'p Flow,
    pub(super) step: &'p Step,
    pub(super) context: usize,
    pub(super) edges: Vec<Edge<'p>>,
    /// An outcome leads nowhere, or it stands in a loop: reported by its own rule, and not judged by the others.
    pub(super) is_broken: bool,
}

/// One outcome, with what follows.
#[derive(Clone, Copy)]
pub(super) struct Edge<'p> {
    /// The outcome; of the step that calls it is `call`, of an end the name that the calling flow wires.
    pub(super) outcome: &'p str,
    pub(super) to: usize,
    /// Its row in the flow of the node.
    pub(super) row: usize,
}

struct Context<'p> {
    flow: &'p Flow,
    caller: Option<usize>,
}

impl<'p> Graph<'p> {
    /// What a contact for which these facts hold can reach.
    pub(super) fn of(program: &'p Program, facts: &Facts) -> Self {
        let mut graph = Self {
            nodes: Vec::new(),
            contexts: Vec::new(),
            at: BTreeMap::new(),
            by_step: BTreeMap::new(),
            start: None,
            person: None,
            urgent: None,
            recursions: BTreeSet::new(),
            too_deep: BTreeSet::new(),
            loops: Vec::new(),
            is_too_large: false,
        };
        let Some(main) = program.flows.get(&program.policy.main) else { return graph };
        graph.contexts.push(Context { flow: main, caller: None });
        graph.start = graph.node(0, &main.start);
        graph.person = entry(program, &program.policy.person).and_then(|step| graph.node(0, step));
        graph.urgent = entry(program, &program.policy.urgent).and_then(|step| graph.node(0, step));
        let mut next = 0;
        while next < graph.nodes.len() {
            graph.unfold(program, facts, next);
            next += 1;
        }
        graph.find_loops();
        graph
    }

    /// Every place where a step stands in the unfolded graph.
    pub(super) fn places<'a>(&'a self, flow: &'a str, step: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.by_step.get(&(flow, step)).into_iter().flatten().copied()
    }

    /// The place of the call that a context belongs to; none for the outermost flow.
    pub(super) fn caller(&self, context: usize) -> Option<usize> {
        self.contexts.get(context)?.caller
    }

    /// The smallest number at each place that a rule allows, from "cannot be reached" downwards.
    pub(super) fn settle(&self, rule: impl Fn(&Node<'p>, &[u32]) -> u32) -> Vec<u32> {
        let mut values = vec![FAR; self.nodes.len()];
        let mut changed = true;
        while changed {
            changed = false;
            for (id, node) in self.nodes.iter().enumerate().rev() {
                let value = rule(node, &values);
                if value < values[id] {
                    values[id] = value;
                    changed = true;
                }
            }
        }
        values
    }

    /// Whether something happened on every path to each place, before the place itself. The keys that always work come
    /// from anywhere, so nothing has happened for certain where they lead.
    pub(super) fn always_before(
        &self,
        happens: impl Fn(&Node<'p>, &Edge<'p>) -> bool,
        undone: impl Fn(&Node<'p>, &Edge<'p>) -> bool,
    ) -> Vec<bool> {
        let mut holds = vec![true; self.nodes.len()];
        for entry in [self.start, self.person, self.urgent].into_iter().flatten() {
            holds[entry] = false;
        }
        let mut changed = true;
        while changed {
            changed = false;
            for (id, node) in self.nodes.iter().enumerate() {
                for edge in &node.edges {
                    let after = (holds[id] || happens(node, edge)) && !undone(node, edge);
                    if holds[edge.to] && !after {
                        holds[edge.to] = false;
                        changed = true;
                    }
                }
            }
        }
        holds
    }

    /// Places from which only the end follows: no input, no person.
    pub(super) fn closing(&self) -> Vec<bool> {
        let values = self.settle(|node, values| {
            let stays = node.is_broken || node.step.kind.is_input() || node.step.kind.is_person();
            if stays { 0 } else { node.edges.iter().map(|edge| values[edge.to]).min().unwrap_or(FAR) }
        });
        values.into_iter().map(|value| value == FAR).collect()
    }

    /// The place of a step in a context; made when it is new.
    fn node(&mut self, context: usize, step: &str) -> Option<usize> {
        let flow = self.contexts.get(context)?.flow;
        let step = flow.steps.get(step)?;
        if let Some(id) = self.at.get(&(context, step.name.as_str())) {
            return Some(*id);
        }
        if self.nodes.len() >= PLACE_COUNT_MAX {
            self.is_too_large = true;
            return None;
        }
        let id = self.nodes.len();
        self.nodes.push(Node { flow, step, context, edges: Vec::new(), is_broken: false });
        self.at.insert((context, &step.name), id);
        self.by_step.entry((&flow.name, &step.name)).or_default().push(id);
        Some(id)
    }

    fn unfold(&mut self, program: &'p Program, facts: &Facts, id: usize) {
        let (step, context) = (self.nodes[id].step, self.nodes[id].context);
        let mut edges = Vec::new();
        let mut is_broken = false;
        match &step.kind {
            Kind::Call { flow: called, .. } => match self.enter(program, id, called) {
                Some(to) => edges.push(Edge { outcome: "call", to, row: step.row }),
                None => is_broken = true,
            },
            Kind::End { outcome, .. } => {
                if let Some(caller) = self.contexts[context].caller {
                    let (calling, above) = (self.nodes[caller].step, self.nodes[caller].context);
                    let target = outcome.as_ref().and_then(|name| Some((name, calling.outcomes.get(name)?)));
                    match target.and_then(|(name, target)| Some((name, self.node(above, &target.step)?))) {
                        Some((name, to)) => edges.push(Edge { outcome: name, to, row: step.row }),
                        None => is_broken = true,
                    }
                }
            }
            kind => {
                for outcome in kind.outcomes().into_iter().filter(|outcome| facts.allow(kind, outcome)) {
                    let target = step.outcomes.get_key_value(outcome);
                    match target.and_then(|(name, target)| Some((name, target.row, self.node(context, &target.step)?)))
                    {
                        Some((name, row, to)) => edges.push(Edge { outcome: name, to, row }),
                        None => is_broken = true,
                    }
                }
            }
        }
        self.nodes[id].edges = edges;
        self.nodes[id].is_broken = is_broken;
    }

    fn enter(&mut self, program: &'p Program, caller: usize, called: &str) -> Option<usize> {
        let called = program.flows.get(called)?;
        let (context, flow, step) = (self.nodes[caller].context, self.nodes[caller].flow, self.nodes[caller].step);
        if self.is_inside(context, &called.name) {
            self.recursions.insert((&flow.name, &step.name));
            return None;
        }
        if self.depth(context) >= CALL_DEPTH_MAX {
            self.too_deep.insert((&flow.name, &step.name));
            return None;
        }
        self.contexts.push(Context { flow: called, caller: Some(caller) });
        self.node(self.contexts.len() - 1, &called.start)
    }

    /// How many flows run in a context.
    fn depth(&self, context: usize) -> usize {
        let (mut context, mut depth) = (context, 1);
        while let Some(caller) = self.contexts[context].caller {
            context = self.nodes[caller].context;
            depth += 1;
        }
        depth
    }

    /// Whether a flow runs already when a context does.
    fn is_inside(&self, context: usize, flow: &str) -> bool {
        let mut context = context;
        loop {
            if self.contexts[context].flow.name == flow {
                return true;
            }
            match self.contexts[context].caller {
                Some(caller) => context = self.nodes[caller].context,
                None => return false,
            }
        }
    }

    /// Finds steps that can follow themselves without an input: what is left of the graph without input steps when
    /// every step that nothing follows, and every step that follows nothing, is taken away again and again.
    fn find_loops(&mut self) {
        let mut left: Vec<bool> = self.nodes.iter().map(may_pass).collect();
        let edges: Vec<(usize, usize)> = self
            .nodes
            .iter()
            .enumerate()
            .flat_map(|(id, node)| {
                let passed = move |edge: &&Edge<'_>| !node.step.kind.is_input() || edge.outcome == "then";
                node.edges.iter().filter(passed).map(move |edge| (id, edge.to))
            })
            .collect();
        let mut changed = true;
        while changed {
            changed = false;
            let (mut leads_on, mut is_followed) = (vec![false; left.len()], vec![false; left.len()]);
            for (from, to) in &edges {
                if left[*from] && left[*to] {
                    leads_on[*from] = true;
                    is_followed[*to] = true;
                }
            }
            for id in 0..left.len() {
                if left[id] && !(leads_on[id] && is_followed[id]) {
                    left[id] = false;
                    changed = true;
                }
            }
        }
        while let Some(first) = left.iter().position(|is_left| *is_left) {
            let mut members = vec![first];
            left[first] = false;
            let mut next = 0;
            while let Some(at) = members.get(next).copied() {
                next += 1;
                for (from, to) in &edges {
                    let other = if *from == at { *to } else { *from };
                    if (*from == at || *to == at) && left[other] {
                        left[other] = false;
                        members.push(other);
                    }
                }
            }
            for member in &members {
                self.nodes[*member].is_broken = true;
            }
            self.loops.push(members);
        }
    }
}

/// Whether a contact can pass a place without an input; a number with a language skips the first menu.
pub(super) const fn may_pass(node: &Node<'_>) -> bool {
    !node.step.kind.is_input() || matches!(node.step.kind, Kind::Ask { slot_type: SlotType::Language, .. })
}

/// The step of an entry of the policy, written `flow.step`; none when it is no step of the outermost flow.
pub(super) fn entry<'t>(program: &Program, place: &'t str) -> Option<&'t str> {
    let (flow, step) = place.split_once('.')?;
    (flow == program.policy.main && program.step(flow, step).is_some()).then_some(step)
}
