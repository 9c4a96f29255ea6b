use super::judge::draw;
use super::*;
use crate::codec::{Reader, Tape, Writer};
use crate::ground::json::Value;
use crate::ground::rng::Rng;
use proptest::prelude::*;

/// Rows of `columns` numbers between 0 and 1 and Friedman's first function of the first five of them, with noise of
/// standard deviation 1 (Friedman, "Multivariate Adaptive Regression Splines", 1991, eq. 61).
pub(super) fn friedman(rows: usize, columns: usize, seed: u64) -> (Matrix, Vec<f32>) {
    let mut rng = Rng::new(seed, 0);
    let x: Vec<f32> = (0..rows * columns).map(|_| rng.unit() as f32).collect();
    let of = |r: &[f32]| {
        let at = |c: usize| f64::from(r.get(c).copied().unwrap_or(0.5));
        let wave = 10.0 * libm::sin(core::f64::consts::PI * at(0) * at(1));
        wave + 20.0 * (at(2) - 0.5) * (at(2) - 0.5) + 10.0 * at(3) + 5.0 * at(4)
    };
    let y = x.chunks(columns).map(|r| (of(r) + rng.normal()) as f32).collect();
    (Matrix::new("x", columns, x).unwrap(), y)
}

pub(super) fn grown(x: &Matrix, target: &Target<'_>, params: ForestParams) -> Forest {
    let mut growing = Growing::new(x, target, None, params, 3).unwrap();
    assert!(growing.advance(usize::MAX));
    growing.finish()
}

fn few(trees: usize) -> ForestParams {
    ForestParams { trees, ..ForestParams::default() }
}

/// One tree that has seen every row.
fn whole() -> ForestParams {
    ForestParams { trees: 1, bootstrap: false, ..ForestParams::default() }
}

fn bytes(forest: &Forest) -> Vec<u8> {
    let mut w = Writer::new("test", &Value::Null);
    forest.write(&mut w);
    w.finish().unwrap()
}

#[test]
fn what_is_known_of_unseen_rows_while_growing_holds_for_others() {
    let (x, y) = friedman(600, 8, 1);
    let (fresh, truth) = friedman(600, 8, 2);
    let forest = grown(&x, &Target::Values(&y), few(60));
    let score = forest.score().unwrap();
    let pairs = forest.predict_all(&fresh).into_iter().zip(truth.iter().map(|&t| f64::from(t)));
    let tested = judge::score(pairs, false).unwrap();
    assert!(tested.r2 > 0.8 && (tested.r2 - score.r2).abs() < 0.03, "{tested:?} {score:?}");
    assert!((tested.rmse - score.rmse).abs() < 0.15 && score.rows == 600 && score.accuracy.is_none());
}

#[test]
fn a_row_is_judged_by_the_trees_that_have_not_seen_it() {
    let (x, y) = friedman(300, 6, 4);
    let mut growing = Growing::new(&x, &Target::Values(&y), None, few(7), 3).unwrap();
    while !growing.advance(10) {}
    let (unseen, score) = (growing.out_of_bag(), growing.score());
    let forest = growing.finish();
    let (mut draws, mut first) = (vec![0; 300], 0);
    for row in 0..300 {
        let mut said = Vec::new();
        for t in 0..7 {
            draw(3, t, true, &mut draws);
            first += usize::from(draws[row] > 0);
            if draws[row] == 0 {
                said.push(f64::from(tree::walk(&forest.trees[t], x.row(row))));
            }
        }
        let want = (!said.is_empty()).then(|| said.iter().sum::<f64>() / said.len() as f64);
        assert_eq!(unseen[row], want, "codes and thresholds say the same");
    }
    assert!((0.6..0.66).contains(&(first as f64 / 2100.0)), "a draw leaves out e^-1 of the rows: {first}");
    assert_eq!(score, forest.score());
}

#[test]
fn steps_of_any_size_and_growth_taken_up_again_give_the_same_bytes() {
    let (x, y) = friedman(4000, 5, 5);
    for (params, labels) in
        [(few(5), false), (ForestParams { max_features: 0.5, min_leaf: 3, ..few(5) }, true)]
    {
        let yes: Vec<bool> = y.iter().map(|&y| y > 14.0).collect();
        let target = if labels { Target::Labels(&yes) } else { Target::Values(&y) };
        let want = bytes(&grown(&x, &target, params));
        let mut growing = Growing::new(&x, &target, None, params, 3).unwrap();
        let (mut calls, mut progress) = (0, 0.0);
        while !growing.advance(100) {
            calls += 1;
            assert!(growing.progress() >= progress && growing.progress() < 1.0);
            progress = growing.progress();
            if calls % 250 == 0 {
                let mut tape = Tape::Write(Writer::new("test", &Value::Null));
                growing.state(&mut tape).unwrap();
                let Tape::Write(w) = tape else { unreachable!() };
                let kept = w.finish().unwrap();
                let trees = growing.trees();
                progress = 0.0;
                growing = Growing::new(&x, &target, None, params, 3).unwrap();
                growing.advance(calls * 13);
                growing.state(&mut Tape::Read(Reader::open(&kept, "test").unwrap())).unwrap();
                assert_eq!(growing.trees(), trees);
            }
        }
        assert!(calls > 100, "{calls}");
        assert!(bytes(&growing.finish()) == want);
        let mut other = Growing::new(&x, &target, None, params, 4).unwrap();
        other.advance(usize::MAX);
        assert!(bytes(&other.finish()) != want);
    }
}

#[test]
fn all_rows_at_once_or_one_by_one() {
    let (x, y) = friedman(1100, 5, 6);
    let forest = grown(&x, &Target::Values(&y), few(4));
    for rows in [0, 1, 3, 4, 5, 511, 512, 513, 1030] {
        let part = x.pick(&(0..rows as u32).collect::<Vec<_>>());
        let want: Vec<f64> = (0..rows).map(|r| forest.predict(x.row(r))).collect();
        assert_eq!(forest.predict_all(&if rows == 0 { Matrix::zeros(0, 5) } else { part }), want);
    }
    let (mean, spread) = forest.predict_with_spread(&[0.5; 5]);
    let said: Vec<f64> = forest.trees.iter().map(|t| f64::from(tree::walk(t, &[0.5; 5]))).collect();
    let variance = said.iter().map(|s| (s - mean) * (s - mean)).sum::<f64>() / 4.0;
    assert!(mean == forest.predict(&[0.5; 5]) && (spread * spread - variance).abs() < 1e-12 && spread > 0.0);
}

#[test]
fn a_tree_that_has_seen_everything_knows_it_by_heart() {
    // More rows than a small node has, so both ways to split are gone.
    let (x, y) = friedman(5000, 3, 7);
    // Bins of 20 rows in each column; by three columns they are told apart all but rarely.
    let forest = grown(&x, &Target::Values(&y), whole());
    let known = (0..5000).filter(|&r| (forest.predict(x.row(r)) - f64::from(y[r])).abs() < 1e-5).count();
    assert!(known > 4900, "{known}");
    assert_eq!(forest.score(), None);
    let yes: Vec<bool> = y.iter().map(|&y| y > 14.0).collect();
    let chances = grown(&x, &Target::Labels(&yes), whole()).predict_all(&x);
    assert!(chances.iter().zip(&yes).filter(|(c, y)| **c == f64::from(u8::from(**y))).count() > 4900);
}

#[test]
fn limits_are_kept() {
    let (x, y) = friedman(3000, 4, 8);
    let target = Target::Values(&y);
    let depth = |forest: &Forest| {
        fn below(tree: &[tree::Node], at: usize) -> usize {
            let left = tree[at].left as usize;
            if left == 0 { 0 } else { 1 + below(tree, left).max(below(tree, left + 1)) }
        }
        forest.trees.iter().map(|t| below(t, 0)).max().unwrap()
    };
    assert_eq!(depth(&grown(&x, &target, ForestParams { max_depth: 3, ..few(2) })), 3);
    // A column for each row, so that a split takes off one. Without a limit of its own the tree ends at 64.
    let mut alone = Matrix::zeros(80, 80);
    (0..80).for_each(|i| alone.row_mut(i)[i] = 1.0);
    let line: Vec<f32> = (0..80).map(|i| i as f32).collect();
    assert_eq!(depth(&grown(&alone, &Target::Values(&line), whole())), 64);
    let forest = grown(&x, &target, ForestParams { min_leaf: 40, ..whole() });
    let leaves = forest.trees[0].iter().filter(|n| n.is_leaf());
    let least = leaves.clone().map(|n| n.draws).min().unwrap();
    assert!((40..60).contains(&least) && leaves.map(|n| n.draws).sum::<u32>() == 3000, "{least}");
    let narrow =
        grown(&x, &target, ForestParams { max_features: 0.1, max_depth: 1, bootstrap: false, ..few(60) });
    let roots: Vec<u16> = narrow.trees.iter().map(|t| t[0].column).collect();
    assert!((0..4).all(|c| roots.iter().filter(|&&r| r == c).count() > 5), "one column is tried: {roots:?}");
}

#[test]
fn where_nothing_can_be_told_apart_the_mean_is_said() {
    let constant = Matrix::new("x", 2, vec![1.0; 40]).unwrap();
    let y: Vec<f32> = (0..20).map(|i| i as f32).collect();
    let forest = grown(&constant, &Target::Values(&y), whole());
    assert_eq!((forest.nodes(), forest.predict(&[0.0, 9.0]), forest.importance()), (1, 9.5, &[0.0, 0.0][..]));
    let one = grown(&Matrix::zeros(1, 1), &Target::Values(&[3.0]), few(3));
    assert_eq!((one.predict(&[7.0]), one.nodes(), one.score()), (3.0, 3, None));
    // No single split of exclusive-or helps, two do.
    let x = Matrix::new("x", 2, vec![0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0]).unwrap();
    let xor = grown(&x, &Target::Labels(&[false, true, true, false]), whole());
    assert_eq!(xor.predict_all(&x), [0.0, 1.0, 1.0, 0.0]);
}

#[test]
fn weights_count_as_rows() {
    let (x, y) = friedman(80, 3, 9);
    let mut rng = Rng::new(1, 1);
    let weights: Vec<f32> = (0..80).map(|_| rng.below(4) as f32).collect();
    let rows: Vec<u32> =
        (0..80).flat_map(|r| core::iter::repeat_n(r, weights[r as usize] as usize)).collect();
    let again: Vec<f32> = rows.iter().map(|&r| y[r as usize]).collect();
    let params = ForestParams { max_depth: 4, ..whole() };
    let mut weighed = Growing::new(&x, &Target::Values(&y), Some(&weights), params, 3).unwrap();
    weighed.advance(usize::MAX);
    let (weighed, repeated) = (weighed.finish(), grown(&x.pick(&rows), &Target::Values(&again), params));
    for row in 0..80 {
        assert!(
            (weighed.predict(x.row(row)) - repeated.predict(x.row(row))).abs() < 1e-5 || weights[row] == 0.0
        );
    }
    // Rare ones that weigh as much as all others.
    let rare: Vec<bool> = (0..80).map(|r| r % 10 == 0).collect();
    let weights: Vec<f32> = rare.iter().map(|&r| if r { 9.0 } else { 1.0 }).collect();
    let balanced = Growing::new(&x, &Target::Labels(&rare), Some(&weights), few(60), 3);
    let mut balanced = balanced.unwrap();
    balanced.advance(usize::MAX);
    let mean = |f: &Forest| math::mean(f.predict_all(&friedman(200, 3, 10).0));
    let (plain, balanced) = (mean(&grown(&x, &Target::Labels(&rare), few(60))), mean(&balanced.finish()));
    assert!((0.03..0.2).contains(&plain) && balanced > plain, "{plain} {balanced}");
}

#[test]
fn columns_that_matter_are_found_and_others_are_not() {
    let (x, y) = friedman(500, 8, 11);
    let target = Target::Values(&y);
    let forest = grown(&x, &target, few(40));
    let importance = forest.importance();
    assert!((importance.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    let judge = Permuting::new(&forest, &x, &target).unwrap();
    let score = forest.score().unwrap();
    assert!((judge.error() - score.rmse * score.rmse).abs() < 1e-9);
    let rises: Vec<f64> = (0..8).map(|c| judge.column(c, 5)).collect();
    for (of, noise) in [(importance, 0.05), (&rises, 0.3)] {
        assert!(of[3] > of[4] && (0..2).all(|c| of[c] > 2.0 * of[5]), "{of:?}");
        assert!(of[5..].iter().all(|i| i.abs() < noise), "{of:?}");
    }
    assert_eq!(judge.column(3, 5), rises[3]);
    assert!(Permuting::new(&grown(&x, &target, whole()), &x, &target).is_err());
    assert!(Permuting::new(&forest, &x, &Target::Values(&y[1..])).is_err());
}

#[test]
fn what_cannot_be_learned_from_is_refused_by_name() {
    let x = Matrix::zeros(3, 2);
    let y = [1.0, 2.0, 3.0];
    let begin = |x: &Matrix, y: &[f32], w: Option<&[f32]>| {
        Growing::new(x, &Target::Values(y), w, few(1), 0)
            .err()
            .map_or(String::new(), |e| e.place().to_owned())
    };
    assert_eq!(begin(&x, &y, Some(&[1.0, 0.0, 2.0])), "");
    assert_eq!(begin(&Matrix::zeros(0, 2), &[], None), "rows");
    assert_eq!(begin(&Matrix::zeros(3, 65_535), &y, None), "rows");
    assert_eq!(begin(&x, &y[1..], None), "target");
    assert_eq!(begin(&x, &[1.0, f32::NAN, 3.0], None), "target[1]");
    assert_eq!(begin(&x, &y, Some(&[1.0])), "weights");
    assert_eq!(begin(&x, &y, Some(&[1.0, 1.0, -1.0])), "weights[2]");
    assert_eq!(begin(&x, &y, Some(&[0.0; 3])), "weights");
}

/// The least squared error after one split, from all there are.
fn best_by_hand(x: &Matrix, y: &[f32], w: &[f32], least: usize) -> f64 {
    let error = |rows: &[usize]| {
        let weight: f64 = rows.iter().map(|&r| f64::from(w[r])).sum();
        let mean = rows.iter().map(|&r| f64::from(w[r] * y[r])).sum::<f64>() / weight;
        rows.iter()
            .map(|&r| f64::from(w[r]) * (f64::from(y[r]) - mean) * (f64::from(y[r]) - mean))
            .sum::<f64>()
    };
    let all: Vec<usize> = (0..y.len()).collect();
    let mut best = error(&all);
    for column in 0..x.columns() {
        for &row in &all {
            let goes = |r: &usize| x.row(*r)[column] <= x.row(row)[column];
            let (left, right): (Vec<usize>, Vec<usize>) = all.iter().partition(|r| goes(r));
            if left.len() >= least && right.len() >= least {
                best = best.min(error(&left) + error(&right));
            }
        }
    }
    best
}

fn check_best(rows: usize, columns: usize, kinds: usize, least: usize, seed: u64) {
    let mut rng = Rng::new(seed, 0);
    let values = (0..rows * columns).map(|_| rng.below(kinds) as f32 - 3.0).collect();
    let x = Matrix::new("x", columns, values).unwrap();
    // Steep at one end, so that the best split takes off fewer rows than a leaf may have.
    let steep = |v: f32| {
        let share = (v + 3.0) / kinds as f32;
        let share = if seed.is_multiple_of(2) { share } else { 1.0 - share };
        10.0 * share * share * share * share
    };
    let y: Vec<f32> = (0..rows).map(|r| steep(x.row(r)[0]) + 0.1 * rng.normal() as f32).collect();
    let w: Vec<f32> = (0..rows).map(|_| 0.5 + rng.below(3) as f32).collect();
    let params = ForestParams { max_depth: 1, min_leaf: least, ..whole() };
    let mut growing = Growing::new(&x, &Target::Values(&y), Some(&w), params, seed).unwrap();
    growing.advance(usize::MAX);
    let forest = growing.finish();
    let squares = (0..rows).map(|r| {
        let off = forest.predict(x.row(r)) - f64::from(y[r]);
        f64::from(w[r]) * off * off
    });
    let (got, want) = (squares.sum::<f64>(), best_by_hand(&x, &y, &w, least));
    assert!((got - want).abs() < 1e-4 * want.max(1.0), "{got} {want}");
}

#[test]
fn a_large_node_finds_the_best_split() {
    check_best(2300, 2, 40, 1, 1);
    check_best(2300, 1, 200, 900, 2);
    check_best(2300, 1, 200, 900, 3);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_small_node_finds_the_best_split(
        rows in 2usize..60, columns in 1usize..4, kinds in 1usize..50, least in 1usize..6, seed: u64,
    ) {
        check_best(rows, columns, kinds, least, seed);
    }
}
