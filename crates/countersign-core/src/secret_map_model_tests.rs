//! The operations of a map against a model.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Insert(u8),
    Remove(u8),
    RemoveAfter(u8, u64),
    Advance(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..6_u8).prop_map(Step::Insert),
        1 => (0..6_u8).prop_map(Step::Remove),
        2 => (0..6_u8, 0..15_u64).prop_map(|(id, delay)| Step::RemoveAfter(id, delay)),
        3 => (0..6_u64).prop_map(Step::Advance),
    ]
}

proptest! {
    /// A list of `(id, end, is_leaving)` is all that the map is.
    #[test]
    fn it_does_what_a_list_does(steps in prop::collection::vec(step(), 0..60)) {
        let (map, clock) = map();
        let map = map.with_expiry(10 * SECOND).with_capacity(3);
        let mut model: Vec<(u8, u64, bool)> = Vec::new();
        let mut now = 0;
        for step in steps {
            match step {
                Step::Insert(id) => {
                    let others = model.iter().filter(|entry| entry.0 != id).count();
                    let fits = others < 3 || others < model.len();
                    prop_assert_eq!(insert(&map, id.to_string(), "s").is_ok(), fits);
                    if fits {
                        model.retain(|entry| entry.0 != id);
                        model.push((id, now + 10, false));
                    }
                }
                Step::Remove(id) => {
                    prop_assert_eq!(map.remove(&id.to_string()), model.iter().any(|entry| entry.0 == id));
                    model.retain(|entry| entry.0 != id);
                }
                Step::RemoveAfter(id, delay) => {
                    let entry = model.iter_mut().find(|entry| entry.0 == id);
                    let is_there = map.remove_after(&id.to_string(), Duration::from_secs(delay));
                    prop_assert_eq!(is_there, entry.is_some());
                    if let Some(entry) = entry.filter(|entry| !entry.2) {
                        *entry = (id, now + delay, true);
                    }
                }
                Step::Advance(seconds) => {
                    now += seconds;
                    clock.advance(Duration::from_secs(seconds));
                }
            }
            model.retain(|entry| entry.1 > now);
            prop_assert_eq!(map.len(), model.len());
            assert_consistent(&map);
        }
    }
}
