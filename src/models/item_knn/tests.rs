use super::*;
use crate::models::Lesson;
use crate::models::fit::Finish;
use crate::models::spec::Spec;

/// Forty people in two camps over twelve films, most cells filled.
fn camps() -> Interactions {
    let mut x = Interactions::default();
    for u in 0..40 {
        for i in (0..12).filter(|i| (u + i) % 5 > 0) {
            let likes = (u % 2 == 0) == (i < 6);
            let rating = if likes { 4.5 } else { 2.0 } - 0.5 * f32::from(u8::from((u * i) % 3 == 0));
            x.push(&format!("u{u}"), &format!("i{i}"), rating, 0.0);
        }
    }
    x
}

fn trained(params: ItemKnnParams) -> ItemKnn {
    let x = camps();
    let mut fit: Box<dyn crate::models::Fit> = Box::new(Counting::new(&x, params));
    while fit.advance(1000).unwrap().is_none() {}
    let Model::ItemKnn(model) = fit.finish(&x) else { unreachable!() };
    model
}

fn row(model: &ItemKnn, id: &str) -> u32 {
    model.ids().get(id).unwrap()
}

/// With γ = 0 an expected rating is m_i + Σ s (r − m) / Σ s over the k best rated neighbours, and m_i without any.
#[test]
fn an_expected_rating_by_hand() {
    let plain = ItemKnnParams { leaning: 0.0, neighbours: 2, ..ItemKnnParams::default() };
    let model = trained(plain);
    let [a, b, c, far] = ["i0", "i1", "i2", "i11"].map(|id| row(&model, id));
    let history = [(b, 5.0), (c, 1.0), (far, 3.0)];
    let person = model.fold_in(&history);
    let (items, values) = model.taste.of(a);
    let s = |j| f64::from(values[items.iter().position(|&i| i == j).unwrap()]);
    let above = |j: u32, r: f64| r - model.baseline(j);
    let want = model.baseline(a) + (s(b) * above(b, 5.0) + s(c) * above(c, 1.0)) / (s(b) + s(c));
    assert!((model.score(&person, a) - want).abs() < 1e-6);
    assert!(!items.contains(&far), "the other camp is not alike");
    let alone = model.fold_in(&[(far, 5.0)]);
    assert!((model.score(&alone, a) - model.baseline(a)).abs() < 1e-6);
    let leaning = trained(ItemKnnParams { leaning: 0.5, ..plain });
    let lean = (5.0 - leaning.baseline(far)) / 6.0;
    assert!((leaning.score(&leaning.fold_in(&[(far, 5.0)]), a) - leaning.baseline(a) - lean).abs() < 1e-6);
}

#[test]
fn contributions_sum_to_the_score() {
    for leaning in [0.0, 0.5] {
        let model = trained(ItemKnnParams { leaning, neighbours: 3, ..ItemKnnParams::default() });
        let history: Vec<(u32, f64)> = (0..6).map(|i| (2 * i, 0.5 + f64::from(i * 2 % 5))).collect();
        let person = model.fold_in(&history);
        for item in 0..12 {
            let parts = model.contributions(&person, item, &history);
            let sum: f64 = parts.iter().sum();
            assert!((model.baseline(item) + sum - model.score(&person, item)).abs() < 1e-9);
            let counted = parts.iter().filter(|p| **p != 0.0).count();
            assert!(leaning > 0.0 || counted <= 3, "{parts:?}");
        }
    }
}

#[test]
fn lists_go_by_company_and_dislikes_count() {
    let model = trained(ItemKnnParams::default());
    let [a, b, far] = ["i1", "i2", "i9"].map(|id| row(&model, id));
    let rank = |history: &[(u32, f64)]| model.rank_all(&model.fold_in(history), 1.0);
    let fan = rank(&[(a, 5.0), (far, 0.5)]);
    assert!(fan[b as usize] > fan[row(&model, "i10") as usize]);
    let (cold, warm) = (rank(&[(a, 0.5)])[b as usize], rank(&[(a, 2.1875)])[b as usize]);
    assert!(cold < warm && warm == POPULAR * model.mass[b as usize], "what is like a disliked item sinks");
    let similar = model.similar(a, 3).unwrap();
    assert_eq!(similar.len(), 3);
    assert!(similar.iter().all(|&(i, s)| i != a && s > 0.0 && s <= 1.0));
}

#[test]
fn people_stay_at_home() {
    let model = trained(ItemKnnParams::default());
    let crowd = model.crowd.as_ref().unwrap();
    let history: Vec<(u32, f64)> =
        (0..12).map(|i| (i, if model.ids().id(i).len() < 3 { 4.0 } else { 1.5 })).collect();
    let likeness = crowd.likeness(&history, 12);
    assert_eq!(likeness.len(), 40);
    let nearest = crowd.raters(&likeness, 3, 5, 1e-6);
    assert!(nearest.len() == 5 && nearest.is_sorted_by(|x, y| x.1 >= y.1));
    assert!(crowd.voice(&nearest, 3).is_some_and(|v| v.people == 5));
    let bytes = |people| Model::ItemKnn(model.clone()).write(people).unwrap();
    let back = |people| match Model::read(&bytes(people)).unwrap() {
        Model::ItemKnn(m) => m.crowd.map(|c| c.likeness(&history, 12)),
        _ => unreachable!(),
    };
    assert_eq!(back(People::Keep), Some(likeness));
    assert_eq!(back(People::Drop), None);
}

#[test]
fn there_is_no_chance_in_it() {
    let x = camps();
    let spec = Spec::new("item-knn", None).unwrap();
    let bytes = [1, 2].map(|seed| {
        let mut fit = spec.begin(&Lesson { data: &x, catalog: None }, seed).unwrap();
        while fit.advance(7).unwrap().is_none() {}
        fit.finish(&x).write(People::Keep).unwrap()
    });
    assert!(bytes[0] == bytes[1]);
}

/// Ratings that are nothing but chance: whoever lets a rating speak for itself believes to know better than their spread.
#[test]
fn chance_is_not_taken_for_knowledge() {
    let (mut x, mut rng) = (Interactions::default(), crate::ground::rng::Rng::new(8, 0));
    for (u, i) in (0..80).flat_map(|u| (0..40).map(move |i| (u, i))) {
        if rng.below(8) == 0 {
            x.push(&format!("u{u}"), &format!("i{i}"), 0.5 + 0.5 * rng.below(10) as f32, 0.0);
        }
    }
    let mut fit: Box<dyn crate::models::Fit> = Box::new(Counting::new(&x, ItemKnnParams::default()));
    let probed = (0..9).find_map(|_| fit.advance(usize::MAX).unwrap()).unwrap();
    let Model::ItemKnn(model) = fit.finish(&x) else { unreachable!() };
    let spread = f64::from(Known::of(&x).noise);
    let seen = sample::histories(&x, usize::MAX).iter().fold((0.0, 0.0), |(sum, n), history| {
        let person = model.fold_in(history);
        let squares =
            history.iter().map(|&(i, r)| (r - model.score(&person, i)) * (r - model.score(&person, i)));
        (sum + squares.sum::<f64>(), n + history.len() as f64)
    });
    let seen = math::sqrt(seen.0 / seen.1);
    assert!(seen < 0.9 * spread && probed > spread, "{seen} {probed} {spread}");
    assert!((model.noise() - probed).abs() < 1e-6);
}
