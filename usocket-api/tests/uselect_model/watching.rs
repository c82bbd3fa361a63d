//! The set of what is watched, and the waits, each checked against what the model says.

#![allow(unreachable_pub)]

use std::collections::VecDeque;
use std::rc::Rc;

use usocket_api::uselect::USelect;
use usocket_api::{OPENMV, OSError};

use crate::thing::{ALWAYS, IN, OUT, Sock};
use crate::world::{ROOM, World};

#[derive(Debug, Clone, Copy)]
pub enum Wait {
    Zero,
    Milliseconds(u16),
    Ever,
}

impl Wait {
    fn milliseconds(self) -> i32 {
        match self {
            Self::Zero => 0,
            Self::Milliseconds(time) => i32::from(time),
            Self::Ever => -1,
        }
    }

    fn seconds(self) -> Option<f64> {
        let time = self.milliseconds();
        (time >= 0).then_some(f64::from(time) / 1000.0)
    }
}

impl<'n> World<'n> {
    /// Waits as `call` does, and checks when it comes back and what it says. The watched things with
    /// their masks are `watched`; the answers are in their order.
    fn waits<T>(
        &self,
        watched: &[(usize, i32)],
        wait: Wait,
        call: impl FnOnce() -> Result<T, OSError>,
    ) -> Option<(T, Vec<(i32, i32)>)> {
        let began = self.now();
        let until = match wait {
            Wait::Ever => None,
            wait => Some(began + wait.milliseconds() as u64 * 1000),
        };
        let answers = |now| {
            let each = watched
                .iter()
                .map(|(who, mask)| self.things[*who].events(now, *mask));
            each.collect::<Vec<_>>()
        };
        let mut now = began;
        let back = loop {
            let answers = answers(now);
            if answers.iter().any(|(least, _)| *least != 0) || until.is_some_and(|end| now >= end) {
                break Some((now, answers));
            }
            let times = watched
                .iter()
                .filter_map(|(who, _)| self.things[*who].next(now));
            match times.chain(until).min() {
                Some(next) => now = next,
                None => break None,
            }
        };
        self.town.calls();
        let idles = self.town.idles.get();
        self.town.cancel.set(back.is_none());
        let outcome = call();
        let turns = self.town.idles.get() - idles + 1;
        let asked = self.town.calls().len();
        assert!(asked <= turns * 2 * watched.len(), "{asked} calls");
        match back {
            Some((at, answers)) => {
                assert_eq!(self.now(), at, "it came back at another time");
                Some((outcome.ok().unwrap(), answers))
            }
            None => {
                assert_eq!(outcome.err().unwrap().name(), "EINTR");
                assert_eq!(self.now(), began);
                None
            }
        }
    }

    fn index(&self, sock: &Rc<Sock<'n>>) -> usize {
        let mut things = self.things.iter();
        things
            .position(|thing| Rc::ptr_eq(&thing.sock, sock))
            .unwrap()
    }

    pub fn register(&mut self, who: usize, mask: i32) {
        let outcome = self.poll.register(self.things[who].sock.clone(), mask);
        if let Some((_, old)) = self.set.iter_mut().find(|(other, _)| *other == who) {
            *old = mask;
        } else if self.set.len() == ROOM {
            assert_eq!(outcome.unwrap_err().name(), "ENOMEM");
            return;
        } else {
            self.set.push((who, mask));
        }
        outcome.unwrap();
    }

    pub fn modify(&mut self, who: usize, mask: i32) {
        let outcome = self.poll.modify(&self.things[who].sock, mask);
        match self.set.iter_mut().find(|(other, _)| *other == who) {
            Some((_, old)) => {
                outcome.unwrap();
                *old = mask;
            }
            None => assert_eq!(outcome.unwrap_err().name(), "ENOENT"),
        }
    }

    pub fn unregister(&mut self, who: usize) {
        self.poll.unregister(&self.things[who].sock).unwrap();
        self.set.retain(|(other, _)| *other != who);
    }

    /// What a poll reports, of those that `answers` is about.
    fn expected(&self, answers: &[(i32, i32)]) -> Vec<(usize, (i32, i32))> {
        let all = self.set.iter().map(|(who, _)| *who).zip(answers.to_vec());
        all.filter(|(_, (_, most))| *most != 0).collect()
    }

    fn check(&self, (who, (least, most)): (usize, (i32, i32)), sock: &Rc<Sock<'n>>, event: i32) {
        assert_eq!(self.index(sock), who);
        assert!(event == least || event == most, "{event} for {least}");
    }

    fn disarm(&mut self, who: usize) {
        for (_, mask) in self.set.iter_mut().filter(|(other, _)| *other == who) {
            *mask = 0;
        }
    }

    pub fn polls(&mut self, wait: Wait, one_shot: bool) {
        let call = || {
            self.poll
                .poll_with(wait.milliseconds(), i32::from(one_shot))
        };
        let Some((reported, answers)) = self.waits(&self.set, wait, call) else {
            return;
        };
        let expected = self.expected(&answers);
        assert_eq!(reported.len(), expected.len());
        for (expected, (sock, event)) in expected.into_iter().zip(reported) {
            self.check(expected, &sock, event.raw());
            if one_shot {
                self.disarm(expected.0);
            }
        }
    }

    pub fn ipolls(&mut self, wait: Wait, one_shot: bool, changes: &[(u8, u8)]) {
        let call = || {
            self.poll
                .ipoll_with(wait.milliseconds(), i32::from(one_shot))
                .map(drop)
        };
        let Some(((), answers)) = self.waits(&self.set, wait, call) else {
            return;
        };
        let mut expected = VecDeque::from(self.expected(&answers));
        // Once more, at a time at which the answer is there.
        let net = self.net;
        let flags = i32::from(one_shot);
        let poll = std::mem::replace(&mut self.poll, USelect::new(net, OPENMV).poll_sized());
        let mut changes = changes.iter();
        for (sock, event) in poll.ipoll_with(0, flags).unwrap() {
            let next = expected.pop_front().expect("one more than expected");
            self.check(next, &sock, event.raw());
            if one_shot {
                self.disarm(next.0);
            }
            if let Some((what, who)) = changes.next() {
                let who = self.pick(*who).unwrap();
                let obj = &self.things[who].sock;
                let known = self.set.iter().position(|(other, _)| *other == who);
                match (what, known) {
                    (0, Some(at)) => {
                        poll.unregister(obj).unwrap();
                        self.set.remove(at);
                        expected.retain(|(other, _)| *other != who);
                    }
                    (1, Some(at)) => {
                        poll.modify(obj, IN).unwrap();
                        self.set[at].1 = IN;
                    }
                    (2, None) if self.set.len() < ROOM => {
                        poll.register(obj.clone(), OUT).unwrap();
                        self.set.push((who, OUT));
                    }
                    _ => {}
                }
            }
        }
        assert!(expected.is_empty(), "not handed out: {expected:?}");
        self.poll = poll;
    }

    pub fn selects(&self, lists: [&[u8]; 3], wait: Wait) {
        let lists = lists.map(|list| list.iter().filter_map(|who| self.pick(*who)).collect());
        let [r, w, x]: [Vec<usize>; 3] = lists;
        let mut watched: Vec<(usize, i32)> = vec![];
        for (list, mask) in [(&r, IN), (&w, OUT), (&x, 0)] {
            for who in list {
                match watched.iter_mut().find(|(other, _)| other == who) {
                    Some((_, old)) => *old |= mask,
                    None => watched.push((*who, mask)),
                }
            }
        }
        let socks = |list: &[usize]| {
            let socks = list.iter().map(|who| self.things[*who].sock.clone());
            socks.collect::<Vec<_>>()
        };
        let (rs, ws, xs) = (socks(&r), socks(&w), socks(&x));
        let uselect = USelect::new(self.net, OPENMV);
        let call = || uselect.select_sized::<_, 12>(&rs, &ws, &xs, wait.seconds());
        let Some((found, answers)) = self.waits(&watched, wait, call) else {
            return;
        };
        for (list, mask, found) in [(&r, IN, found.0), (&w, OUT, found.1), (&x, 0, found.2)] {
            let bounds = |who: &usize| {
                let at = watched.iter().position(|(other, _)| other == who).unwrap();
                let ready = |events: i32| events & (mask | ALWAYS) != 0;
                (ready(answers[at].0), ready(answers[at].1))
            };
            let found: Vec<usize> = found.iter().map(|sock| self.index(sock)).collect();
            let least = list.iter().filter(|who| bounds(who).0);
            let most: Vec<usize> = list.iter().filter(|who| bounds(who).1).copied().collect();
            let exact = least.count() == most.len();
            assert!(if exact {
                found == most
            } else {
                found.len() <= most.len()
            });
        }
    }
}
