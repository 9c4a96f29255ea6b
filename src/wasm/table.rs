//! Models of one's own numbers.

use super::convert::{from_js, to_js};
use super::error::WasmResult;
use crate::engine::table;
use crate::ground::fields::FromFields;
use wasm_bindgen::prelude::*;

/// See [`table::Table`].
#[wasm_bindgen]
#[allow(missing_debug_implementations)]
pub struct Table(table::Table);

#[wasm_bindgen]
impl Table {
    /// See [`table::Table::begin`].
    pub fn begin(ask: JsValue, rows: Vec<f32>, target: &[f32]) -> WasmResult<Table> {
        let ask = table::Ask::decode("fitTable", from_js("fitTable", ask)?)?;
        Ok(Table(table::Table::begin(ask, rows, target)?))
    }

    /// See [`table::Table::step`].
    pub fn step(&mut self, budget: u32) -> f64 {
        self.0.step(budget as usize)
    }

    /// See [`table::Table::report`].
    pub fn report(&self) -> WasmResult<JsValue> {
        to_js(self.0.report()?)
    }

    /// See [`table::Table::predict`].
    pub fn predict(&self, rows: Vec<f32>, from: u32) -> WasmResult<Vec<f64>> {
        Ok(self.0.predict(rows, from as usize)?)
    }

    /// See [`table::Table::parts`].
    pub fn parts(&self) -> u32 {
        self.0.parts() as u32
    }

    /// See [`table::Table::explain_part`].
    #[wasm_bindgen(js_name = explainPart)]
    pub fn explain_part(&self, row: &[f32], part: u32, sums: &mut [f64]) -> WasmResult<()> {
        Ok(self.0.explain_part(row, part as usize, sums)?)
    }

    /// See [`table::Table::explained`].
    pub fn explained(&self, row: &[f32], sums: &[f64]) -> WasmResult<JsValue> {
        to_js(self.0.explained(row, sums)?)
    }
}
