//! Floor 2: what gives scores. A closed enum over one trait: the set is known, and whoever needs a certain model can
//! ask for it; everybody else asks the trait.

pub mod als;
pub mod biases;
pub mod content;
pub mod ease;
pub mod ensemble;
pub mod fit;
pub mod fm;
pub mod forest;
pub mod item_knn;
mod known;
pub mod logistic;
pub mod mf;
pub mod ncf;
pub mod params;
mod person;
pub mod popularity;
pub mod sample;
mod save;
mod scorer;
mod settling;
pub mod spec;
pub mod tabular;

pub use als::ImplicitAls;
pub use biases::Biases;
pub use content::Content;
pub use ease::Ease;
pub use ensemble::Ensemble;
pub use fit::{Fit, Lesson};
pub use fm::FactorizationMachine;
pub use item_knn::ItemKnn;
pub use known::{Known, liked_from};
pub use mf::MatrixFactorization;
pub use ncf::NeuralCf;
pub use person::{Past, Person, Solved};
pub use popularity::Popularity;
pub use save::People;
pub use scorer::Scorer;
pub use settling::{Calibrated, Unsettled};
pub use spec::{Aim, Spec};
pub use tabular::Tabular;

/// A trained model.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant)] // one or two exist at a time
pub enum Model {
    /// Shrunk means.
    Popularity(Popularity),
    /// Neighbours of items.
    ItemKnn(ItemKnn),
    /// Biases and factors.
    MatrixFactorization(MatrixFactorization),
    /// Factors of likings.
    ImplicitAls(ImplicitAls),
    /// Weights between items.
    Ease(Ease),
    /// Samples of weights and factors.
    FactorizationMachine(FactorizationMachine),
    /// A network of factors.
    NeuralCf(NeuralCf),
    /// A forest, or a regression, of features.
    Tabular(Tabular),
    /// Several of these as one.
    Ensemble(Ensemble),
}

impl Model {
    /// What every model can be asked.
    pub fn scorer(&self) -> &(dyn Scorer + 'static) {
        match self {
            Model::Popularity(m) => m,
            Model::ItemKnn(m) => m,
            Model::MatrixFactorization(m) => m,
            Model::ImplicitAls(m) => m,
            Model::Ease(m) => m,
            Model::FactorizationMachine(m) => m,
            Model::NeuralCf(m) => m,
            Model::Tabular(m) => m,
            Model::Ensemble(m) => m,
        }
    }
}

impl Model {
    /// The model, where its expected ratings are learned after its last epoch.
    fn calibrated(&mut self) -> Option<&mut dyn Calibrated> {
        match self {
            Model::ImplicitAls(m) => Some(m),
            Model::Ease(m) => Some(m),
            Model::NeuralCf(m) => Some(m),
            _ => None,
        }
    }
}

impl core::ops::Deref for Model {
    type Target = dyn Scorer;

    fn deref(&self) -> &Self::Target {
        self.scorer()
    }
}
