//! The exam every model sits: what a recommender owes its callers, whatever stands behind it.

mod boards;
mod exam;
mod promises;
mod refusals;
mod warm;

use crate::world::{knowing, train};
use serde_json::{Value, json};
use tasteprint::data::Interactions;
use tasteprint::engine::{Engine, reply::TrainedModel};
use tasteprint::ground::rng::Rng;
use tasteprint::models::{Model, Scorer, Spec};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A model that sits the exam.
#[derive(Clone, Copy, Debug)]
pub struct Examinee {
    /// Its public name.
    pub name: &'static str,
    /// True where it gives different people different lists. Only what is exempt from the checkerboard may say no.
    pub personal: bool,
    /// True where it knows films by what is said of them: where ratings alone tell things apart, it is told more.
    pub described: bool,
    /// True where it begins from chance, so that another seed gives another model.
    pub draws: bool,
    /// Length of its embeddings under `params`; 0 for a model without any.
    pub embedding: usize,
    /// Small parameters, as JSON: the exam asks whether it works, not how well.
    params: &'static str,
    /// Far more capacity than there is data.
    pub lavish: &'static str,
}

/// All of them. A new model is red until it stands here: see [`the_list_is_complete`].
pub const EXAMINEES: &[Examinee] = &[
    Examinee {
        name: "popularity",
        personal: false,
        described: false,
        draws: false,
        embedding: 0,
        params: "{}",
        lavish: "{\"shrinkage\":10000}",
    },
    Examinee {
        name: "matrix-factorization",
        personal: true,
        described: false,
        draws: true,
        embedding: 5,
        params: "{\"factors\":5,\"epochs\":12}",
        lavish: "{\"factors\":512,\"epochs\":2}",
    },
    Examinee {
        name: "matrix-factorization",
        personal: true,
        described: false,
        draws: true,
        embedding: 5,
        params: "{\"factors\":5,\"epochs\":12,\"history\":\"people\"}",
        lavish: "{\"factors\":512,\"epochs\":2,\"history\":\"people\"}",
    },
    Examinee {
        name: "factorization-machine",
        personal: true,
        described: false,
        draws: true,
        embedding: 20,
        params: "{\"factors\":5,\"epochs\":30,\"samples\":4}",
        lavish: "{\"factors\":128,\"epochs\":3}",
    },
    Examinee {
        name: "implicit-als",
        personal: true,
        described: false,
        draws: true,
        embedding: 5,
        params: "{\"factors\":5,\"epochs\":6}",
        lavish: "{\"factors\":512,\"epochs\":2}",
    },
    Examinee {
        name: "ease",
        personal: true,
        described: false,
        draws: false,
        embedding: 0,
        params: "{}",
        lavish: "{\"maxItems\":20000,\"neighbours\":20000}",
    },
    Examinee {
        name: "item-knn",
        personal: true,
        described: false,
        draws: false,
        embedding: 0,
        params: "{}",
        lavish: "{\"neighbours\":1000,\"kept\":100000}",
    },
    Examinee {
        name: "neural-cf",
        personal: true,
        described: false,
        draws: true,
        embedding: 8,
        params: "{\"factors\":5,\"layerFactors\":3,\"epochs\":4}",
        lavish: "{\"factors\":128,\"epochs\":2}",
    },
    Examinee {
        name: "random-forest",
        personal: true,
        described: true,
        draws: true,
        embedding: 0,
        params: "{\"trees\":12}",
        lavish: "{\"trees\":300,\"minLeaf\":1}",
    },
    Examinee {
        name: "logistic-regression",
        personal: true,
        described: true,
        draws: true,
        embedding: 0,
        params: "{}",
        lavish: "{\"regularization\":0.0001}",
    },
    Examinee {
        name: "ensemble",
        personal: true,
        described: true,
        draws: true,
        embedding: 0,
        params: "{\"folds\":2,\"members\":[{\"model\":\"matrix-factorization\",\"params\":{\"factors\":5,\"epochs\":12}},{\"model\":\"item-knn\"}]}",
        lavish: "{\"folds\":10,\"members\":[{\"model\":\"implicit-als\"},{\"model\":\"random-forest\",\"params\":{\"minSamples\":2}}]}",
    },
];

impl Examinee {
    /// What is asked of the engine.
    pub fn request(&self) -> Value {
        self.with(self.params)
    }

    /// The same with other parameters.
    pub fn with(&self, params: &str) -> Value {
        let params: Value = serde_json::from_str(params).unwrap();
        json!({ "model": self.name, "params": params, "seed": 11, "validation": { "split": "none" } })
    }

    /// Trained on a world, and serving.
    pub fn serving(&self, interactions: Interactions) -> (Engine, TrainedModel) {
        let mut engine = knowing(interactions);
        let trained = train(&mut engine, self.request());
        engine.serve("exam", &trained.bytes).unwrap();
        (engine, trained)
    }
}

/// Thirty people, twenty items, two thirds of the cells, half stars with some sense in them.
pub fn world() -> Interactions {
    let (mut x, mut rng) = (Interactions::default(), Rng::new(5, 0));
    for u in 0..30usize {
        for i in 0..20usize {
            if rng.below(3) > 0 {
                let halves = 3 + i % 4 + if u % 3 == i % 3 { 3 } else { 0 } - rng.below(2);
                x.push(&format!("u{u}"), &format!("i{i}"), halves as f32 * 0.5, 1e12 + (u * 20 + i) as f64);
            }
        }
    }
    x
}

/// The name a model goes by. Without a wildcard: a new variant does not compile before it has been thought of here.
fn name_of(model: &Model) -> &'static str {
    match model {
        Model::Popularity(_) => "popularity",
        Model::MatrixFactorization(_) => "matrix-factorization",
        Model::FactorizationMachine(_) => "factorization-machine",
        Model::NeuralCf(_) => "neural-cf",
        Model::ItemKnn(_) => "item-knn",
        Model::Ease(_) => "ease",
        Model::ImplicitAls(_) => "implicit-als",
        Model::Tabular(m) => m.name(),
        Model::Ensemble(_) => "ensemble",
    }
}

#[test]
fn the_list_is_complete() {
    // What can be trained is what the refusal of a name that does not exist offers.
    let refused = Spec::new("no such model", None).unwrap_err();
    let mut offered: Vec<&str> = refused.expectation().split('"').skip(1).step_by(2).collect();
    let mut listed: Vec<&str> = EXAMINEES.iter().map(|e| e.name).collect();
    offered.sort_unstable();
    listed.sort_unstable();
    listed.dedup();
    assert_eq!(listed, offered, "every model sits the exam");
    for e in EXAMINEES {
        let (_, trained) = e.serving(world());
        let model = Model::read(&trained.bytes).unwrap();
        assert_eq!((name_of(&model), model.name()), (e.name, e.name));
        assert_eq!(trained.version.model, e.name);
    }
    let exempt: Vec<_> = EXAMINEES.iter().filter(|e| !e.personal).map(|e| e.name).collect();
    assert_eq!(exempt, ["popularity"], "who is not personal is said by name");
}
