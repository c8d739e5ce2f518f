// Mocha's spec reporter, and below it one line for machines: `N passed, N failed, N skipped`.
import Mocha from 'mocha';

/** Named by .mocharc.json (mocha wants a default export). The line is the last one on standard output. */
export default class Reporter extends Mocha.reporters.Spec {
  override epilogue(): void {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
  }
}
