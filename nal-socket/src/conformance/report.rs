//! Outcomes in a form to read.

use core::fmt;

use super::rules::{RULES, Rule, run};
use super::{Outcome, Peer};
use crate::NetworkRef;

/// What every rule came to on one stack.
///
/// Prints one line, then the rules that are not kept and those not tried:
///
/// ```
/// use nal_socket::conformance::{Outcome, RULES, Report};
///
/// let mut report = Report::new("some-stack 1.0");
/// for rule in RULES {
///     report.record(rule, Outcome::Kept);
/// }
/// let all = RULES.len();
/// assert_eq!(report.to_string(), format!("some-stack 1.0: {all} of {all}"));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    stack: &'a str,
    outcomes: [Option<Outcome>; RULES.len()],
}

impl<'a> Report<'a> {
    /// A report without an outcome yet. `stack` is the name it goes by.
    #[must_use]
    pub const fn new(stack: &'a str) -> Self {
        Self {
            stack,
            outcomes: [None; RULES.len()],
        }
    }

    /// Tries every rule.
    #[must_use]
    pub fn of<N: NetworkRef>(stack: &'a str, net: N, peer: &Peer<'_>) -> Self {
        let mut report = Self::new(stack);
        run(net, peer, &mut |rule, outcome| report.record(rule, outcome));
        report
    }

    /// Notes an outcome. A later one of the same rule replaces it.
    pub fn record(&mut self, rule: &Rule, outcome: Outcome) {
        for (slot, known) in self.outcomes.iter_mut().zip(RULES) {
            if known == rule {
                *slot = Some(outcome);
            }
        }
    }

    /// The stack's name.
    #[must_use]
    pub const fn stack(&self) -> &'a str {
        self.stack
    }

    /// Rules and outcomes so far.
    pub fn outcomes(&self) -> impl Iterator<Item = (&'static Rule, Outcome)> + '_ {
        RULES
            .iter()
            .zip(&self.outcomes)
            .filter_map(|(rule, outcome)| outcome.map(|outcome| (rule, outcome)))
    }

    /// The outcome of one rule, by its group and name.
    #[must_use]
    pub fn outcome(&self, group: &str, name: &str) -> Option<Outcome> {
        self.outcomes()
            .find(|(rule, _)| rule.group == group && rule.name == name)
            .map(|(_, outcome)| outcome)
    }

    /// How many rules were kept.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.count(|outcome| outcome == Outcome::Kept)
    }

    /// How many rules were tried.
    #[must_use]
    pub fn tried(&self) -> usize {
        self.count(|outcome| !matches!(outcome, Outcome::NotTried(_)))
    }

    fn count(&self, which: impl Fn(Outcome) -> bool) -> usize {
        self.outcomes()
            .filter(|(_, outcome)| which(*outcome))
            .count()
    }

    fn list(&self, f: &mut fmt::Formatter<'_>, which: impl Fn(Outcome) -> bool) -> fmt::Result {
        for (rule, outcome) in self.outcomes().filter(|(_, outcome)| which(*outcome)) {
            match outcome {
                Outcome::Differs(difference) => {
                    write!(f, "\n  {rule}: {difference}\n    {}", rule.sentence)?;
                }
                Outcome::NotTried(reason) => write!(f, "\n  {rule}: {reason}")?,
                Outcome::Kept => write!(f, "\n  {rule}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kept, tried) = (self.kept(), self.tried());
        write!(f, "{}: {kept} of {tried}", self.stack)?;
        if kept < tried {
            match tried - kept {
                1 => f.write_str(", this 1 differs:")?,
                differing => write!(f, ", these {differing} differ:")?,
            }
            self.list(f, |outcome| matches!(outcome, Outcome::Differs(_)))?;
        }
        let not_tried = self.outcomes().count() - tried;
        if not_tried > 0 {
            write!(f, "\n{not_tried} not tried:")?;
            self.list(f, |outcome| matches!(outcome, Outcome::NotTried(_)))?;
        }
        Ok(())
    }
}

/// Several reports as Markdown: a table with a row for each stack and a column for each group of
/// rules, then for each stack what differs.
///
/// ```
/// use nal_socket::conformance::{Report, Table};
///
/// let reports = [Report::new("one 1.0"), Report::new("two 2.0")];
/// let text = Table(&reports).to_string();
/// assert!(text.starts_with("| stack | all | connect |"));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Table<'a>(pub &'a [Report<'a>]);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("| stack | all |")?;
        for group in groups() {
            write!(f, " {group} |")?;
        }
        f.write_str("\n|---|---|")?;
        for _ in groups() {
            f.write_str("---|")?;
        }
        f.write_str("\n")?;
        for report in self.0 {
            write!(
                f,
                "| {} | {} of {} |",
                report.stack,
                report.kept(),
                report.tried()
            )?;
            for group in groups() {
                write_cell(f, report, group)?;
            }
            f.write_str("\n")?;
        }
        for report in self.0 {
            let mut differing = report
                .outcomes()
                .filter_map(|(rule, outcome)| match outcome {
                    Outcome::Differs(difference) => Some((rule, difference)),
                    _ => None,
                })
                .peekable();
            if differing.peek().is_none() {
                continue;
            }
            write!(f, "\nWhere {} differs:\n\n", report.stack)?;
            for (rule, difference) in differing {
                writeln!(f, "- `{rule}`: {difference}.")?;
            }
        }
        Ok(())
    }
}

fn write_cell(f: &mut fmt::Formatter<'_>, report: &Report<'_>, group: &str) -> fmt::Result {
    let of_group = |outcome: fn(&Outcome) -> bool| {
        report
            .outcomes()
            .filter(|(rule, found)| rule.group == group && outcome(found))
            .count()
    };
    let kept = of_group(|outcome| *outcome == Outcome::Kept);
    match of_group(|outcome| !matches!(outcome, Outcome::NotTried(_))) {
        0 => f.write_str(" - |"),
        tried => write!(f, " {kept} of {tried} |"),
    }
}

/// The groups in the order of the rules.
fn groups() -> impl Iterator<Item = &'static str> {
    let mut last = "";
    RULES.iter().filter_map(move |rule| {
        let new = rule.group != last;
        last = rule.group;
        new.then_some(rule.group)
    })
}
