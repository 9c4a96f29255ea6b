//! A small community drawn from whole numbers, so that it can be written again in any language; in JavaScript it
//! stands in `community.mjs`.
//!
//! 1. The generator is xoshiro256++, its four words filled by SplitMix64 from the seed 897 (stream 0 adds nothing).
//!    `below(n)` is the upper 64 bits of the 128-bit product of the next number and n.
//! 2. For each of 200 people, in order: taste = below(4).
//! 3. For each of 100 items, in order: kind = below(4), then quality = below(5).
//! 4. Until there are 6,000 ratings: u = below(200), i = below(100). If u has rated i, this draw is over. Else noise =
//!    below(3), half stars = 2 + quality(i) + noise, and 2 more where taste(u) = kind(i), 2 less where they are two
//!    apart (taste XOR kind = 2), kept within 1 and 10; the rating is that many halves, and the row is (u, i, rating).
//! 5. Ids are "u0"… and "i0"…; there are no times; the scale is half stars, 0.5 to 5.

use tasteprint::data::Scale;
use tasteprint::engine::Community;
use tasteprint::engine::request::Columns;
use tasteprint::ground::rng::Rng;

/// Where the rules stand, for whoever opens the golden file.
pub const DESCRIPTION: &str =
    "tests/golden/community.rs, the same in community.mjs: 200 people, 100 items, 6000 ratings, seed 897";

const PEOPLE: usize = 200;
const ITEMS: usize = 100;
const RATINGS: usize = 6000;

/// The community.
pub fn community() -> Community {
    let mut rng = Rng::new(897, 0);
    let taste: Vec<usize> = (0..PEOPLE).map(|_| rng.below(4)).collect();
    let items: Vec<(usize, usize)> = (0..ITEMS).map(|_| (rng.below(4), rng.below(5))).collect();
    let mut taken = vec![false; PEOPLE * ITEMS];
    let (mut user, mut item, mut rating) = (vec![], vec![], vec![]);
    while rating.len() < RATINGS {
        let (u, i) = (rng.below(PEOPLE), rng.below(ITEMS));
        if core::mem::replace(&mut taken[u * ITEMS + i], true) {
            continue;
        }
        let (kind, quality) = items[i];
        let fits = match taste[u] ^ kind {
            0 => 2,
            2 => -2,
            _ => 0,
        };
        let halves = (2 + quality as i32 + rng.below(3) as i32 + fits).clamp(1, 10);
        user.push(u as u32);
        item.push(i as u32);
        rating.push(halves as f32 * 0.5);
    }
    let about = Columns {
        user_ids: (0..PEOPLE).map(|u| format!("u{u}")).collect(),
        item_ids: (0..ITEMS).map(|i| format!("i{i}")).collect(),
        scale: Some(Scale { min: 0.5, max: 5.0, step: 0.5 }),
        label: None,
        ..Columns::default()
    };
    Community::from_columns(about, user, item, rating, None, None).unwrap()
}
