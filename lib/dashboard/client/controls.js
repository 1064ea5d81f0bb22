// Pause, resume and stop, each after a question.
import { html, nothing } from 'lit-html';

const TOKEN_KEY = 'padmm-token';

/** Takes the token out of the address that the command printed, so that it is in no bookmark and no picture. */
export function keepToken() {
  const token = /^#token=([\w-]+)$/.exec(location.hash)?.[1];
  if (token === undefined) return;
  sessionStorage.setItem(TOKEN_KEY, token);
  history.replaceState(null, '', '#/');
}

const QUESTIONS = {
  pause: {
    label: 'Pause',
    question: 'Send out no more subproblems? Those that are out are still solved and taken in.',
  },
  resume: { label: 'Resume', question: 'Go on with the run?' },
  stop: {
    label: 'Stop',
    question: 'End the run with the best model so far? A run that was stopped cannot be resumed.',
  },
};

/** Sends what was asked. Gives what the server has to say against it, or an empty text. */
async function send(/** @type {string} */ run, /** @type {ControlAction} */ action) {
  const answer = await fetch(`/api/runs/${run}/control`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-padmm-token': sessionStorage.getItem(TOKEN_KEY) ?? '' },
    body: JSON.stringify({ action }),
  });
  return answer.ok ? '' : (await answer.json()).error;
}

/** The controls of one run. */
export class Controls {
  /** @type {string} */
  #run;
  /** @type {() => void} */
  #changed;
  /** @type {ControlAction | null} */
  #asking = null;
  #said = '';

  /** @param {string} run @param {() => void} changed */
  constructor(run, changed) {
    this.#run = run;
    this.#changed = changed;
  }

  /** @param {ControlAction} action */
  #ask(action) {
    this.#asking = action;
    this.#changed();
    const dialog = document.querySelector('dialog');
    dialog?.showModal();
  }

  async #answered(/** @type {Event & { currentTarget: HTMLDialogElement }} */ event) {
    const action = this.#asking;
    const { currentTarget: dialog } = event;
    this.#asking = null;
    const confirmed = dialog.returnValue === 'yes';
    dialog.returnValue = '';
    if (action === null || !confirmed) return this.#changed();
    try {
      const refusal = await send(this.#run, action);
      this.#said = refusal || `Asked to ${action}.`;
    } catch (error) {
      this.#said = `Not asked to ${action}: ${error}`;
    }
    this.#changed();
  }

  /** @param {readonly ControlAction[]} actions @param {boolean} live */
  render(actions, live) {
    const advice = live ? '' : 'Nobody trains here now, so there is nobody to ask.';
    return html`<div class="controls">${actions.map(
      (action) => html`<button type="button" class=${action} ?disabled=${!live}
@click=${() => this.#ask(action)}>${QUESTIONS[action].label}</button>`,
    )}<span role="status">${this.#said || (actions.length > 0 ? advice : '')}</span></div>${this.#dialog()}`;
  }

  #dialog() {
    const { label, question } = this.#asking === null ? { label: '', question: '' } : QUESTIONS[this.#asking];
    return html`<dialog aria-labelledby="question" @close=${(/** @type {any} */ event) => this.#answered(event)}>
<form method="dialog"><h2 id="question">${label} ${this.#run}?</h2><p>${question}</p>
<p class="answers"><button value="no">Cancel</button>
${this.#asking === null ? nothing : html`<button value="yes" class=${this.#asking}>${label}</button>`}</p></form></dialog>`;
  }
}
