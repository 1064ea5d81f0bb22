/** What the page's modules are told by the server. */
type ChartPatch = import('../chartPatches.ts').ChartPatch;
type ChartUpdate = import('../chartPatches.ts').ChartUpdate;
type Difference = import('../../observe/differences.ts').Difference;
type RunPicture = import('../runPicture.ts').RunPicture;
type WaitingTask = import('../runPicture.ts').WaitingTask;
type TaskLog = import('../source.ts').TaskLog;
type ControlAction = import('../source.ts').ControlAction;
type QueueDepths = import('../../client/queueDepths.ts').QueueDepths;
type AxisName = import('../../observe/report/axis.ts').AxisName;
type ListedRun = import('../../observe/runList.ts').ListedRun;
type RunRow = import('../../observe/runList.ts').RunRow;
type TemplateResult = import('lit-html').TemplateResult;

/** A page of the dashboard: what it shows, and its end. */
interface View {
  readonly title: string;
  render(): TemplateResult;
  close(): void;
}
