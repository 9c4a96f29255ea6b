/** What `--help` says. */

const DATA = `Ratings and items are read as the page reads them: a MovieLens zip, ratings.csv and movies.csv, ratings.dat and
movies.dat, u.data and u.item, or any CSV with a header. Files may be given in any order; --items is only another
way to name one.`;

const COMMON = `  --items FILE        a file that describes the items
  --mapping A=B,…     which column is what, for a CSV with a header of its own:
                      user=…,item=…,rating=…[,timestamp=…][,title=…][,genres=…]
  --scale MIN,MAX,STEP  the scale of the ratings; default: that of the format, or a guess
  --seed N            0 to 2^53 − 1, default 1: the same command gives the same bytes
  --label TEXT        whose ratings these are; default: the names of the files
  --json              one JSON object on stdout and nothing else
  --quiet             no progress
  --help`;

export const HELP = {
  tasteprint: `tasteprint: recommendations that stay in the page

  tasteprint pack FILE… -o PACK       trains models and writes them into a file for a page
  tasteprint evaluate FILE…           measures models on held-out ratings
  tasteprint pack --help              says more
  tasteprint --version

Nothing is sent anywhere. Exit code: 0 done, 1 failed, 2 the command line cannot be understood.`,

  pack: `tasteprint pack FILE… --model NAME [--params JSON] [--model NAME …] -o PACK

Trains models on ratings of many people and writes them into one file without any row of a person: serve it beside a
page and open it with Tasteprint.open({ pack: "/cinema.pack" }).

  tasteprint pack ratings.csv --items movies.csv --model matrix-factorization -o cinema.pack
  tasteprint pack ml-latest-small.zip --model ease --model implicit-als --params '{"factors":64}' --f16 -o cinema.pack

  --model NAME        may be repeated; the first one serves first. Default: matrix-factorization
  --models A,B        several with their defaults
  --params JSON       parameters of the model named before it
  -o, --output FILE   where the pack goes
  --f16               half precision: half the size, scores differ in the third decimal
  --licence TEXT      on which terms the pack may be used; stored in it
  --validation SPLIT  what is held out to stop early and to measure: random:0.1 (default), time:0.1, leave-last:1,
                      or none: the models then learn from everything and come without figures
  --patience N        epochs without improvement before a training stops; 0 never stops early
${COMMON}

${DATA}`,

  evaluate: `tasteprint evaluate FILE… --models A,B [--protocol SPLIT]

Trains models anew on a part of the ratings and measures them on the rest, popularity always beside them.

  tasteprint evaluate ratings.csv --items movies.csv --models matrix-factorization,ease --protocol k-fold:5
  tasteprint evaluate ml-100k.zip --model implicit-als --params '{"alpha":2}' --protocol time:0.2 --json

  --models A,B        several with their defaults. Default: matrix-factorization
  --model NAME        may be repeated, each with --params after it
  --params JSON       parameters of the model named before it
  --protocol SPLIT    random:0.2 (default), time:0.2, leave-last:1 or k-fold:5; or JSON, as evaluate({ protocol })
  --k N               length of the lists, 1 to 1,000, default 10
${COMMON}

${DATA}`,
} as const;
