// Loaded before every test run (.mocharc.json). Properties are bounded by time as well as by runs:
// $FUZZ_SECONDS lets each of them run that long (`make fuzz`), $FUZZ_SEED repeats the run of a failure report.
import fc from 'fast-check';

const { FUZZ_SECONDS, FUZZ_SEED } = process.env;

fc.configureGlobal({
  interruptAfterTimeLimit: Number(FUZZ_SECONDS ?? 5) * 1000,
  ...(FUZZ_SECONDS === undefined ? {} : { numRuns: Number.MAX_SAFE_INTEGER }),
  ...(FUZZ_SEED === undefined ? {} : { seed: Number(FUZZ_SEED) }),
});
