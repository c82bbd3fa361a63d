//! Poll objects and `select` against a model: random sockets in random states, polled in random ways.

#[path = "../../../nal-socket/tests/many/mod.rs"]
mod many;
mod thing;
mod watching;
mod world;

use many::Town;
use many::udp::with_udp;
use proptest::prelude::*;

use thing::{IN, Kind, OUT};
use watching::Wait;
use world::World;

#[derive(Debug, Clone)]
enum Act {
    Make(u8),
    Arrive(u8, u8, u32),
    Register(u8, i32),
    Modify(u8, i32),
    Unregister(u8),
    Close(u8),
    Take(u8),
    Pass(u32),
    Poll(Wait, bool),
    /// With what is done to whom while iterating.
    Ipoll(Wait, bool, Vec<(u8, u8)>),
    Select(Vec<u8>, Vec<u8>, Vec<u8>, Wait),
}

fn wait() -> impl Strategy<Value = Wait> {
    prop_oneof![
        3 => Just(Wait::Zero),
        3 => (0..2_000_u16).prop_map(Wait::Milliseconds),
        2 => Just(Wait::Ever),
    ]
}

fn mask() -> impl Strategy<Value = i32> {
    prop_oneof![Just(0), Just(IN), Just(OUT), Just(IN | OUT), any::<i32>()]
}

fn act() -> impl Strategy<Value = Act> {
    let list = || prop::collection::vec(any::<u8>(), 0..5);
    prop_oneof![
        4 => (0..6_u8).prop_map(Act::Make),
        5 => (any::<u8>(), 0..8_u8, 0..3_000_000_u32).prop_map(|(who, what, after)| Act::Arrive(who, what, after)),
        5 => (any::<u8>(), mask()).prop_map(|(who, mask)| Act::Register(who, mask)),
        2 => (any::<u8>(), mask()).prop_map(|(who, mask)| Act::Modify(who, mask)),
        2 => any::<u8>().prop_map(Act::Unregister),
        1 => any::<u8>().prop_map(Act::Close),
        4 => any::<u8>().prop_map(Act::Take),
        2 => (0..2_000_000_u32).prop_map(Act::Pass),
        4 => (wait(), any::<bool>()).prop_map(|(wait, shot)| Act::Poll(wait, shot)),
        4 => (wait(), any::<bool>(), prop::collection::vec((0..3_u8, any::<u8>()), 0..4))
            .prop_map(|(wait, shot, changes)| Act::Ipoll(wait, shot, changes)),
        3 => (list(), list(), list(), wait()).prop_map(|(r, w, x, wait)| Act::Select(r, w, x, wait)),
    ]
}

impl World<'_> {
    fn act(&mut self, act: &Act) {
        let whom = |who: &u8| self.pick(*who);
        match act {
            Act::Make(kind) if self.things.len() < 12 => self.make(*kind),
            Act::Make(_) => {}
            Act::Pass(time) => self.town.pass(u64::from(*time)),
            Act::Poll(wait, one_shot) => self.polls(*wait, *one_shot),
            Act::Ipoll(wait, one_shot, changes) => self.ipolls(*wait, *one_shot, changes),
            Act::Select(r, w, x, wait) => self.selects([r, w, x], *wait),
            Act::Arrive(who, what, after) => {
                if let Some(who) = whom(who) {
                    self.arrive(who, *what, *after);
                }
            }
            Act::Register(who, mask) => {
                if let Some(who) = whom(who) {
                    self.register(who, *mask);
                }
            }
            Act::Modify(who, mask) => {
                if let Some(who) = whom(who) {
                    self.modify(who, *mask);
                }
            }
            Act::Unregister(who) => {
                if let Some(who) = whom(who) {
                    self.unregister(who);
                }
            }
            Act::Take(who) => {
                if let Some(who) = whom(who) {
                    self.take(who);
                }
            }
            Act::Close(who) => {
                if let Some(who) = whom(who) {
                    self.things[who].sock.close().unwrap();
                    self.things[who].kind = Kind::Closed;
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn polls_and_selects_say_what_the_model_says(
        readiness: bool,
        acts in prop::collection::vec(act(), 1..80),
    ) {
        let town = Town::new();
        let mut net = with_udp(&town).with_server();
        if readiness {
            net = net.with_readiness();
        }
        let mut world = World::new(&town, &net);
        for act in &acts {
            world.act(act);
        }
    }
}
