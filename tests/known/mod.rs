//! Arithmetic, bit by bit: what a machine gets here, every machine gets. The values stand in `values.json` and change
//! only on purpose, because a seed would mean another model; `WRITE_GOLDEN=1 cargo test --test suite` writes them anew.

mod logistic;
mod metrics;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::world::ours;
use serde_json::{Map, Value, json};
use tasteprint::codec::{Reader, Writer};
use tasteprint::ground::hash::sha256_hex;
use tasteprint::ground::linalg::Symmetric;
use tasteprint::ground::math;
use tasteprint::ground::rng::Rng;

/// Arguments from where the functions bend, overflow and lose bits.
const POINTS: [f64; 10] = [1e-300, 1e-9, 0.1, 0.5, 0.707, 1.0, 2.5, 31.4159, 700.25, 1e15];

fn vector(n: usize, stream: u64) -> Vec<f32> {
    let mut rng = Rng::new(897, stream);
    (0..n).map(|_| rng.normal() as f32).collect()
}

/// Lengths around the width of the kernels.
fn dots() -> Vec<u64> {
    let (a, b) = (vector(131, 1), vector(131, 2));
    [1, 3, 4, 7, 8, 9, 16, 64, 100, 131].map(|n| u64::from(math::dot(&a[..n], &b[..n]).to_bits())).to_vec()
}

fn system(n: usize) -> (Symmetric, Vec<f64>) {
    let mut rng = Rng::new(897, 3);
    let mut a = Symmetric::zeros(n);
    for sign in [1.0; 12].into_iter().chain([-0.25; 2]) {
        let z: Vec<f64> = (0..n).map(|_| rng.normal()).collect();
        a.add_outer(&z, sign);
    }
    a.add_diagonal(0, 9.0);
    (a, (0..n).map(|_| rng.normal()).collect())
}

fn solution() -> Vec<u64> {
    let (a, mut b) = system(9);
    let factor = a.cholesky().unwrap();
    let mut z = b.clone();
    factor.solve(&mut b);
    b.push(factor.quadratic(&mut z));
    bits(b)
}

fn bits(values: impl IntoIterator<Item = f64>) -> Vec<u64> {
    values.into_iter().map(f64::to_bits).collect()
}

fn computed() -> Vec<(&'static str, Vec<u64>)> {
    let mut rng = Rng::new(897, 0);
    vec![
        ("dot", dots()),
        ("ln", bits(POINTS.map(math::ln))),
        ("sqrt", bits(POINTS.map(math::sqrt))),
        ("next_u64", (0..4).map(|_| rng.next_u64()).collect()),
        ("below", (0..6).map(|i| rng.below(7 + i * 1000) as u64).collect()),
        ("unit", bits((0..4).map(|_| rng.unit()))),
        ("normal", bits((0..8).map(|_| rng.normal()))),
        ("shuffle", {
            let mut order: Vec<u64> = (0..12).collect();
            rng.shuffle(&mut order);
            order
        }),
        ("mean", bits([math::mean((0..1000).map(|_| rng.normal() * 1e8)), math::mean([1e16, 1.0, -1e16])])),
        ("cholesky", solution()),
        ("logistic", bits(logistic::learned())),
    ]
}

/// Name → bits in hex.
fn now() -> Value {
    let hex = |bits: Vec<u64>| bits.iter().map(|b| format!("{b:x}")).collect::<Vec<_>>().join(" ");
    let mut all: Map<String, Value> =
        computed().into_iter().map(|(name, bits)| (name.to_owned(), hex(bits).into())).collect();
    all.insert("container".into(), sha256_hex(&container()).into());
    all.into()
}

#[test]
fn values_are_frozen() {
    let now = now();
    crate::golden::rewrite("known/values.json", &now);
    let frozen: Value = serde_json::from_str(include_str!("values.json")).unwrap();
    for (name, bits) in now.as_object().unwrap() {
        assert_eq!(*bits, frozen[name], "{name}");
    }
    assert_eq!(now, frozen, "nothing is left out");
}

/// Whether two numbers are multiplied and added in one rounding or in two is where machines part ways first.
#[test]
fn nothing_is_fused() {
    let x = 1.0f32 + f32::EPSILON;
    let product = x * x;
    // The exact square is not a single-precision number: added in one rounding it would leave a rest.
    assert_eq!(math::dot(&[-1.0, x], &[product, x]), 0.0);
    let (mut a, mut b) = ([0f32; 16], [0f32; 16]);
    (a[0], b[0], a[8], b[8]) = (-1.0, product, x, x);
    assert_eq!(math::dot(&a, &b), 0.0, "in the wide part too");
    assert_ne!(x.mul_add(x, -product), 0.0, "the check above can fail");
}

fn container() -> Vec<u8> {
    let mut w = Writer::new("test", &ours(&json!({ "b": [1, 2.5, "ü"], "a": null, "mean": 3.3f32 })));
    w.f32("table", &[2, 3], &[1.0, -0.0, f32::MIN_POSITIVE, 1e-45, f32::MAX, 0.1]);
    w.f64("at", &[1.7e12, 5e-324]);
    w.u32("counts", &[0, u32::MAX]);
    w.ids("ids", &["a".into(), "片".into()]);
    w.u32("nothing", &[]);
    w.finish().unwrap()
}

#[test]
fn containers_give_back_every_bit() {
    let bytes = container();
    let mut r = Reader::open(&bytes, "test").unwrap();
    let table: Vec<u32> = r.f32("table", &[2, 3]).unwrap().iter().map(|x| x.to_bits()).collect();
    assert_eq!(table, [0x3f80_0000, 0x8000_0000, 0x0080_0000, 1, 0x7f7f_ffff, 0x3dcc_cccd]);
    assert_eq!(r.f64("at", 2).unwrap(), [1.7e12, 5e-324]);
    assert_eq!(r.u32("counts", 2).unwrap(), [0, u32::MAX]);
    assert_eq!(r.ids("ids", 2).unwrap(), ["a", "片"]);
    assert!(r.u32("nothing", 0).unwrap().is_empty());
    r.finish().unwrap();
}
