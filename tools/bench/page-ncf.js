/**
 * NeuMF in TensorFlow.js (He et al., "Neural Collaborative Filtering", WWW 2017): each liking with four items nobody
 * spoke of, binary cross-entropy, Adam, batches of 256. Its "cpu" backend is what there is without a graphics card; the
 * "wasm" backend has no gradient of embeddings.
 */
import * as tf from "/tfjs.js";

const BATCH = 256;
const NEGATIVES = 4;

function network({ users, items, factors, layerFactors, hidden }) {
  const normal = (...shape) => tf.variable(tf.randomNormal(shape, 0, 0.1));
  const zeros = (...shape) => tf.variable(tf.zeros(shape));
  const half = hidden / 2;
  const [p, g] = [normal(users, factors), normal(items, factors)];
  const [m, q] = [normal(users, layerFactors), normal(items, layerFactors)];
  const [first, second] = [normal(2 * layerFactors, hidden), normal(hidden, half)];
  const [firstBias, secondBias] = [zeros(hidden), zeros(half)];
  const [out, bias] = [normal(factors + half, 1), zeros(items, 1)];
  return (user, item) => {
    // Embeddings as products with rows that hold a single 1: the gradient of its `gather` takes ten times as long.
    const [who, what] = [tf.oneHot(user, users), tf.oneHot(item, items)];
    const products = tf.mul(tf.matMul(who, p), tf.matMul(what, g));
    const inputs = tf.concat([tf.matMul(who, m), tf.matMul(what, q)], 1);
    const one = tf.relu(tf.add(tf.matMul(inputs, first), firstBias));
    const two = tf.relu(tf.add(tf.matMul(one, second), secondBias));
    return tf.squeeze(tf.add(tf.matMul(tf.concat([products, two], 1), out), tf.matMul(what, bias)), [1]);
  };
}

/** Milliseconds of each of some steps, after a few that are not counted, and how many steps make an epoch. */
export async function neumf({ shape, likings, warmUp, steps }) {
  await tf.setBackend("cpu");
  await tf.ready();
  const score = network(shape);
  const optimizer = tf.train.adam(0.001);
  const draw = (limit) => Math.floor(Math.random() * limit);
  const times = [];
  for (let step = 0; step < warmUp + steps; step++) {
    const labels = Float32Array.from({ length: BATCH }, (_, at) => (at % (1 + NEGATIVES) ? 0 : 1));
    const users = Int32Array.from(labels, () => draw(shape.users));
    const items = Int32Array.from(labels, () => draw(shape.items));
    const began = performance.now();
    tf.tidy(() => {
      const [user, item, label] = [tf.tensor1d(users, "int32"), tf.tensor1d(items, "int32"), tf.tensor1d(labels)];
      optimizer.minimize(() => tf.losses.sigmoidCrossEntropy(label, score(user, item)));
    });
    if (step >= warmUp) times.push(performance.now() - began);
    // The page stays alive between steps.
    await new Promise((done) => setTimeout(done, 0));
  }
  tf.disposeVariables();
  return { times, perEpoch: Math.ceil((likings * (1 + NEGATIVES)) / BATCH), version: tf.version.tfjs };
}
