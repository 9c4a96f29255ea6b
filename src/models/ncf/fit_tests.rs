use super::*;
use crate::models::fit::Finish;
use crate::models::ncf::tests::world;

fn small() -> NcfParams {
    let (regularization, item_regularization) = (0.5, 0.5);
    let shape = NcfParams { factors: 3, layer_factors: 4, hidden: 6, layers: 3, ..NcfParams::default() };
    NcfParams { negatives: 12, regularization, item_regularization, ..shape }
}

/// The gradient of every group of parameters, at solved people, against finite differences of the loss.
#[test]
fn gradients_are_those_of_the_loss() {
    let mut fit = Descent::new(&world(), small(), 3);
    // The layers' part is small at first: here it shall be seen.
    // Nothing may stand exactly at a bend.
    let first = fit.net.layers_from();
    let layers = fit.net.weights[first..].iter_mut().enumerate();
    layers.for_each(|(l, w)| *w = 1.5 * *w + 0.01 * ((l % 7) as f32 - 3.3));
    fit.items.values.iter_mut().for_each(|x| *x *= 2.0);
    fit.batch_size = 5;
    let mut batch = fit.begin();
    while batch.next < batch.end {
        fit.learn(&mut batch);
    }
    fit.complete(&mut batch);
    let problems: Vec<(u32, Problem)> =
        (0..batch.end).map(|at| (fit.order[at], fit.problem(&batch, fit.order[at]))).collect();
    let (factors, width) = (fit.net.shape.factors(), fit.items.width);
    let loss = |net: &Net, items: &[f32]| -> f64 {
        let rows = net.rows(batch.items.iter().map(|&i| {
            let row = &items[i as usize * width..][..width];
            (&row[..factors], row[factors])
        }));
        let mut solver = Solver::default();
        let of = |(person, problem): &(u32, Problem)| {
            solver.look(net, &rows, problem, &fit.people[*person as usize * factors..][..factors])
        };
        problems.iter().map(of).sum()
    };
    let h = 2.5e-4f32;
    let agree = |name: &str, up: f64, down: f64, got: f32| {
        let want = (up - down) / f64::from(2.0 * h);
        assert!((want - f64::from(got)).abs() < 0.03 * want.abs().max(0.3), "{name}: {want} {got}");
        want != 0.0
    };
    let mut told = 0;
    for l in 0..fit.net.weights.len() {
        let at = |by: f32| {
            let mut net = fit.net.clone();
            net.weights[l] += by;
            loss(&net, &fit.items.values)
        };
        told += usize::from(agree(&format!("weight {l}"), at(h), at(-h), batch.weights[l]));
    }
    assert!(told > 100, "of {} weights {told} matter", fit.net.weights.len());
    told = 0;
    for (slot, &item) in batch.items.iter().enumerate() {
        for l in 0..=factors {
            let at = |by: f32| {
                let mut items = fit.items.values.clone();
                items[item as usize * width + l] += by;
                loss(&fit.net, &items)
            };
            let got = batch.by_item[slot * width + l];
            told += usize::from(agree(&format!("item {item}, {l}"), at(h), at(-h), got));
        }
    }
    assert!(told > 60, "{told}");
}

#[test]
fn small_budgets_reach_the_same_state_as_one_large_one() {
    let x = world();
    let (mut whole, mut bits) = (Descent::new(&x, small(), 1), Descent::new(&x, small(), 1));
    for _ in 0..3 {
        let a = whole.advance(usize::MAX).unwrap().unwrap();
        let b = loop {
            if let Some(loss) = bits.advance(1).unwrap() {
                break loss;
            }
            assert!((0.0..=1.0).contains(&bits.within_epoch()));
        };
        assert_eq!(a.to_bits(), b.to_bits());
    }
    let (a, b) = (whole.learned(), bits.learned());
    assert!((a.net.weights, a.items, a.people) == (b.net.weights, b.items, b.people));
}

/// Between two epochs everything can be put down and taken up by another.
#[test]
fn what_is_taken_up_goes_on_as_it_would_have() {
    let x = world();
    let mut fit = Descent::new(&x, small(), 1);
    fit.advance(usize::MAX).unwrap();
    fit.mark_best();
    fit.advance(usize::MAX).unwrap();
    let mut tape = Tape::Write(crate::codec::Writer::new("test", &crate::ground::json::Value::Null));
    fit.state(&mut tape).unwrap();
    let Tape::Write(w) = tape else { unreachable!() };
    let bytes = w.finish().unwrap();
    let mut other = Descent::new(&x, small(), 1);
    other.state(&mut Tape::Read(crate::codec::Reader::open(&bytes, "test").unwrap())).unwrap();
    assert_eq!(other.rank(2), fit.rank(2));
    let losses: Vec<_> = [&mut fit, &mut other].map(|f| f.advance(usize::MAX).unwrap()).into();
    assert_eq!(losses[0], losses[1]);
    assert_eq!(fit.items.values, other.items.values);
    assert!(fit.learned().items == other.learned().items, "and the best is kept");
}

#[test]
fn loss_falls_and_running_away_is_noticed() {
    let x = world();
    let mut fit = Descent::new(&x, small(), 1);
    let losses: Vec<f64> = (0..12).map(|_| fit.advance(usize::MAX).unwrap().unwrap()).collect();
    assert!(losses[11] < 0.97 * losses[0], "{losses:?}");
    let wild = NcfParams { learning_rate: 1.0, regularization: 1e-6, item_regularization: 0.0, ..small() };
    let mut fit = Descent::new(&x, wild, 1);
    // It may live with that; what is never given is a model that is not made of numbers.
    for _ in 0..30 {
        if fit.advance(usize::MAX).is_err() {
            return;
        }
    }
    assert!(fit.rank(0).unwrap().iter().all(|s| s.is_finite()));
}

#[test]
fn a_warm_start_goes_on_where_the_model_was() {
    let x = world();
    let mut less = Interactions::default();
    for r in (0..x.len()).filter(|&r| x.user[r] % 7 != 3 && x.items.ids()[x.item[r] as usize] != "i5") {
        let (user, item) = (&x.users.ids()[x.user[r] as usize], &x.items.ids()[x.item[r] as usize]);
        less.push(user, item, x.rating[r], 0.0);
    }
    let round = |fit: &mut Descent| fit.advance(usize::MAX).unwrap().unwrap();
    let mut first = Box::new(Descent::new(&less, small(), 1));
    (0..20).for_each(|_| _ = round(&mut first));
    let (net, items) = (first.net.clone(), first.items.values.clone());
    let first = first.finish(&less);
    let (mut warm, mut cold) = (Descent::new(&x, small(), 2), Descent::new(&x, small(), 2));
    warm.warm(&first, &x).unwrap();
    assert_eq!(warm.net.weights, net.weights);
    let (width, known) = (warm.items.width, less.items.get("i6").unwrap() as usize);
    let row = warm.items.row(x.items.get("i6").unwrap() as usize);
    assert_eq!(row[..=width - LANES], items[known * width..=(known + 1) * width - LANES], "factors and bias");
    let new = x.items.get("i5").unwrap() as usize;
    let at = width - LANES;
    assert!(
        warm.items.row(new)[..at].iter().all(|&x| x == 0.0),
        "chance does not speak beside what is learned"
    );
    assert_eq!(warm.items.row(new)[at], cold.items.row(new)[at], "popularity does");
    let (w, c) = (round(&mut warm), round(&mut cold));
    assert!(w < 0.9 * c, "{w} {c}");
    for (other, place) in [
        (NcfParams { factors: 4, ..small() }, "params.factors"),
        (NcfParams { hidden: 7, ..small() }, "params.hidden"),
        (NcfParams { layers: 2, ..small() }, "params.layers"),
    ] {
        let refused = Descent::new(&x, other, 2).warm(&first, &x).unwrap_err();
        assert_eq!(refused.place(), place);
    }
}
