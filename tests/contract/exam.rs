//! The examiner's two questions, on a community with four tastes: are lists better than the charts, and is somebody the
//! model has never seen served as well as if it had been trained with them?

use super::{EXAMINEES, Examinee};
use tasteprint::data::{Catalog, Interactions, Item};
use tasteprint::eval::ranking::ndcg_at;
use tasteprint::ground::rng::Rng;
use tasteprint::ground::top::top_k;
use tasteprint::models::fit::Finish;
use tasteprint::models::{Lesson, Model, Spec};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// From here a rating is a liking, on half stars.
const LIKED: f64 = 3.875;

pub(super) type Ratings = Vec<(u32, f64)>;

/// 200 people, 100 items, four tastes. As in life, people choose: some items are known to more of them than others, and
/// of those everybody mostly sees what is after their taste.
fn community() -> Interactions {
    community_of(200)
}

/// The same with as many people as are asked for.
pub(super) fn community_of(people: u32) -> Interactions {
    let (mut x, mut rng) = (Interactions::default(), Rng::new(31, 0));
    let items: Vec<(usize, usize, f64)> =
        (0..100).map(|i| (rng.below(4), rng.below(4), 0.6 / (1.0 + f64::from(i) / 20.0))).collect();
    (0..100).for_each(|i| _ = x.items.intern(&format!("i{i}")));
    for u in 0..people {
        let taste = rng.below(4);
        for (i, &(kind, quality, known)) in items.iter().enumerate() {
            let (chance, fits) = match taste ^ kind {
                0 => (1.0, 3),
                2 => (0.35, 0),
                _ => (0.5, 1),
            };
            if rng.unit() < known * chance {
                let halves = (2 + quality + fits + rng.below(3)).min(10);
                x.push(&format!("u{u}"), &format!("i{i}"), halves as f32 * 0.5, 0.0);
            }
        }
    }
    x
}

/// What is said of the items: their kind.
fn described() -> Catalog {
    let mut rng = Rng::new(31, 0);
    let item = |i: usize| {
        let (kind, _) = (rng.below(4), rng.below(4));
        Item { id: format!("i{i}"), genres: vec![format!("kind {kind}")], ..Item::default() }
    };
    Catalog::new((0..100).map(item).collect()).unwrap()
}

fn fit(name: &str, data: &Interactions) -> Model {
    let spec = Spec::new(name, None).unwrap();
    let catalog = EXAMINEES.iter().any(|e| e.name == name && e.described).then(described);
    let mut fit = spec.begin(&Lesson { data, catalog: catalog.as_ref() }, 3).unwrap();
    (0..spec.epochs()).for_each(|_| while fit.advance(usize::MAX).unwrap().is_none() {});
    fit.finish(data)
}

/// Mean nDCG at 10 of people (what they revealed, what was kept back), each folded in.
pub(super) fn ndcg(model: &Model, people: &[(Ratings, Ratings)]) -> f64 {
    let (mut sum, mut n) = (0.0, 0.0);
    for (revealed, kept) in people {
        let liked: Vec<u32> = kept.iter().filter(|r| r.1 >= LIKED).map(|r| r.0).collect();
        if liked.is_empty() {
            continue;
        }
        let ranked = model.rank_all(&model.fold_in(revealed), 1.0);
        let unseen = ranked.into_iter().enumerate().map(|(i, s)| (i as u32, s));
        let list = top_k(unseen.filter(|(i, _)| revealed.iter().all(|r| r.0 != *i)), 10);
        let hits: Vec<bool> = list.iter().map(|l| liked.contains(&l.0)).collect();
        sum += ndcg_at(&hits, liked.len(), 10);
        n += 1.0;
    }
    sum / n
}

/// The ratings of each person, shuffled.
pub(super) fn by_person(x: &Interactions, seed: u64) -> Vec<Ratings> {
    let mut people = vec![Ratings::new(); x.users.len()];
    (0..x.len()).for_each(|r| people[x.user[r] as usize].push((x.item[r], f64::from(x.rating[r]))));
    let mut rng = Rng::new(seed, 0);
    people.iter_mut().for_each(|p| rng.shuffle(p));
    people
}

pub(super) fn in_order(mut ratings: Ratings) -> Ratings {
    ratings.sort_by_key(|r| r.0);
    ratings
}

/// The community without some people, or with the first `k` ratings of each of them.
pub(super) fn with_first(x: &Interactions, away: &[Ratings], from: usize, k: usize) -> Interactions {
    let rows: Vec<u32> = (0..x.len() as u32)
        .filter(|&r| {
            let (user, item) = (x.user[r as usize] as usize, x.item[r as usize]);
            user < from || away[user - from].iter().take(k).any(|a| a.0 == item)
        })
        .collect();
    x.rows(&rows)
}

/// Whose lists know whom they are for.
fn personal() -> impl Iterator<Item = &'static Examinee> {
    EXAMINEES.iter().filter(|e| e.personal)
}

#[test]
fn lists_are_better_than_the_charts() {
    let x = community();
    let people = by_person(&x, 1);
    let train = with_first(&x, &people, 0, 12);
    let cut = |p: &Ratings| -> (Ratings, Ratings) {
        let at = p.len().min(12);
        (in_order(p[..at].to_vec()), p[at..].to_vec())
    };
    let split: Vec<_> = people.iter().map(cut).collect();
    let charts = ndcg(&fit("popularity", &train), &split);
    for e in personal() {
        let ours = ndcg(&fit(e.name, &train), &split);
        assert!(ours > charts, "{}: {ours:.3}, popularity {charts:.3}", e.name);
    }
}

/// Twenty people are away, four times with other ratings revealed. A retrain learns of the items too what they rated,
/// and with 180 people that is much: nine tenths are asked for here, and 95 % on real data (`npm run bench`, P6).
#[test]
fn somebody_folded_in_is_served_like_somebody_trained_on() {
    let (x, from) = (community(), 180);
    let without = with_first(&x, &by_person(&x, 0)[from..], from, 0);
    let charts = fit("popularity", &without);
    for e in personal() {
        let model = fit(e.name, &without);
        for k in [3, 10] {
            let (mut folded, mut popular, mut retrained) = (0.0, 0.0, 0.0);
            for draw in 0..4 {
                let all = by_person(&x, draw);
                let away = &all[from..];
                let people: Vec<_> = away
                    .iter()
                    .map(|p| (in_order(p[..k.min(p.len())].to_vec()), p[k.min(p.len())..].to_vec()))
                    .collect();
                folded += ndcg(&model, &people);
                popular += ndcg(&charts, &people);
                if k >= 10 {
                    retrained += ndcg(&fit(e.name, &with_first(&x, away, from, k)), &people);
                }
            }
            assert!(folded > popular, "{}, {k} revealed: {folded:.3}, popularity {popular:.3}", e.name);
            assert!(folded >= 0.9 * retrained, "{}: {folded:.3}, retrained {retrained:.3}", e.name);
        }
    }
}
