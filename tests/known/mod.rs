//! Arithmetic, bit by bit: what a machine gets here, every machine gets. Values that may only change together with the
//! major version of the model format, because a seed would mean another model.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use tasteprint::codec::{Reader, Writer};
use tasteprint::ground::hash::sha256_hex;
use tasteprint::ground::linalg::Symmetric;
use tasteprint::ground::math;
use tasteprint::ground::rng::Rng;

/// Arguments from where the functions bend, overflow and lose bits.
const POINTS: [f64; 10] = [1e-300, 1e-9, 0.1, 0.5, 0.7071067811865476, 1.0, 2.5, 31.4159, 700.25, 1e15];

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
        ("exp", bits(POINTS.map(|x| math::exp(if x > 709.0 { -x / 1e13 } else { x })))),
        ("cos", bits(POINTS.map(math::cos))),
        ("log2", bits(POINTS.map(math::log2))),
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
    ]
}

#[test]
fn values_are_frozen() {
    for ((name, now), (frozen, values)) in computed().iter().zip(FROZEN) {
        assert_eq!(name, frozen);
        assert_eq!(&now[..], *values, "{name} {now:#018x?}");
    }
    assert_eq!(computed().len(), FROZEN.len());
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

#[test]
fn containers_are_frozen() {
    let mut w = Writer::new("test", &serde_json::json!({ "b": [1, 2.5, "ü"], "a": null, "mean": 3.3f32 }));
    w.f32("table", &[2, 3], &[1.0, -0.0, f32::MIN_POSITIVE, 1e-45, f32::MAX, 0.1]);
    w.f64("at", &[1.7e12, 5e-324]);
    w.u32("counts", &[0, u32::MAX]);
    w.ids("ids", &["a".into(), "片".into()]);
    w.u32("nothing", &[]);
    let bytes = w.finish().unwrap();
    let mut r = Reader::open(&bytes, "test").unwrap();
    let table: Vec<u32> = r.f32("table", &[2, 3]).unwrap().iter().map(|x| x.to_bits()).collect();
    assert_eq!(table, [0x3f80_0000, 0x8000_0000, 0x0080_0000, 1, 0x7f7f_ffff, 0x3dcc_cccd]);
    assert_eq!(r.f64("at", 2).unwrap(), [1.7e12, 5e-324]);
    assert_eq!(r.u32("counts", 2).unwrap(), [0, u32::MAX]);
    assert_eq!(r.ids("ids", 2).unwrap(), ["a", "片"]);
    assert!(r.u32("nothing", 0).unwrap().is_empty());
    r.finish().unwrap();
    assert_eq!(sha256_hex(&bytes), CONTAINER);
}

const CONTAINER: &str = "5d4d59fc7a2ce6071253c8b910447ef41b1e4ce95277230528175a998b91796a";

#[rustfmt::skip]
const FROZEN: &[(&str, &[u64])] = &[
    ("dot", &[
        0x3dc9_7ae3, 0xbf7f_e506, 0xbeba_615a, 0xbf4f_6260, 0xbfb6_5747, 0xbfc0_57d4, 0xc06b_26a3,
        0xc062_e710, 0x4120_bee1, 0x40e9_cb65,
    ]),
    ("ln", &[
        0xc085_9634_47f8_7fb5, 0xc034_b927_f32b_ffb8, 0xc002_6bb1_bbb5_5515, 0xbfe6_2e42_fefa_39ef,
        0xbfd6_2e42_fefa_39ee, 0x0000_0000_0000_0000, 0x3fed_5240_f0e0_e078, 0x400b_9419_6eca_b4e3,
        0x401a_34ac_026e_1799, 0x4041_44f6_9ff9_ffc4,
    ]),
    ("exp", &[
        0x3ff0_0000_0000_0000, 0x3ff0_0000_0044_b830, 0x3ff1_aec7_b35a_00d4, 0x3ffa_6129_8e1e_069c,
        0x4000_3994_58f5_a0d7, 0x4005_bf0a_8b14_576a, 0x4028_5d6f_d931_e0bb, 0x42c4_05ce_4fd4_b689,
        0x7f12_fd8e_4cbf_a413, 0x36ea_8c1f_14e2_af5d,
    ]),
    ("cos", &[
        0x3ff0_0000_0000_0000, 0x3ff0_0000_0000_0000, 0x3fef_d712_f9a8_17c1, 0x3fec_1528_065b_7d50,
        0x3fe8_53ec_7a2c_d121, 0x3fe1_4a28_0fb5_068c, 0xbfe9_a2f7_ef85_8b7d, 0x3fef_ffff_ffcf_9c65,
        0xbfee_52bb_4696_a584, 0xbfe0_6c15_4609_d33e,
    ]),
    ("log2", &[
        0xc08f_24a0_9f1a_8b89, 0xc03d_e5b8_eaa8_d7e0, 0xc00a_934f_0979_a371, 0xbff0_0000_0000_0000,
        0xbfdf_ffff_ffff_fffe, 0x0000_0000_0000_0000, 0x3ff5_269e_12f3_46e3, 0x4013_e4c9_001b_c508,
        0x4022_e748_aa58_3f8e, 0x4048_ea1a_18e2_093a,
    ]),
    ("sqrt", &[
        0x20ca_2fe7_6a3f_9475, 0x3f00_9456_549b_e1bd, 0x3fd4_3d13_6248_490f, 0x3fe6_a09e_667f_3bcd,
        0x3fea_e89f_995a_d3ae, 0x3ff0_0000_0000_0000, 0x3ff9_4c58_3ada_5b53, 0x4016_6b82_3267_8fb7,
        0x403a_7655_2e19_6713, 0x417e_2867_89a0_7f2f,
    ]),
    ("next_u64", &[
        0x7a3c_d9cf_80f6_f917, 0x4418_228a_0389_0e92, 0xb693_6e00_4b10_19a4, 0x15d6_cdd0_d18a_5274,
    ]),
    ("below", &[
        5, 636, 433, 303, 2168, 3,
    ]),
    ("unit", &[
        0x3fc7_dd34_8be5_28b4, 0x3fe1_bc44_c7b4_e6bc, 0x3fee_140c_624f_b945, 0x3fd2_358b_5210_eb08,
    ]),
    ("normal", &[
        0xbfed_2091_db1e_7b2a, 0x3fe6_0a07_fcaa_f9a8, 0xbff0_5a51_6526_f36c, 0x3fb4_af78_bd68_2a37,
        0xbfe5_623d_ce36_fb00, 0x3fd7_4389_5ae4_c163, 0x3fdb_19e3_f597_13c2, 0x3fd0_bdfa_c54a_6e57,
    ]),
    ("shuffle", &[
        3, 9, 5, 8, 10, 2, 6, 4, 0, 11, 7, 1,
    ]),
    ("mean", &[
        0xc148_eee4_64dd_57ea, 0x3fd5_5555_5555_5555,
    ]),
    ("cholesky", &[
        0xbfb6_da8d_4b16_d976, 0x3fbe_1267_9670_5e05, 0x3fad_7e77_3622_85b1, 0xbfbf_3764_2776_6b09,
        0x3fa7_7306_3b09_6f0c, 0x3fc8_da6b_6aca_5f50, 0x3fc0_60c9_50f2_b65e, 0x3fb1_c1b6_d2de_1415,
        0xbfc2_91e6_c0ab_7b7e, 0x3ffb_70df_ba49_8718,
    ]),
];
