// Package process is work in several steps that is seen as a whole: taking on a new customer, a complaint, a tender.
//
// A company's [Plan] holds templates ([Template]): steps in order, some at the same time as the one before, each with who
// does it and by when, in working days. [Processes.Start] makes a [Process] of one, on a lead, an opportunity, or a person
// or company, with the steps as they are then. A step that is due to be worked on is a task of package activity, so that it
// stands among its owner's tasks and in his calendar:
//
//	start -> first steps open, each a task -> a task is completed -> its step is done; when all that began together are
//	over, the next steps open -> ... -> done
//
// Whoever completes, reopens, cancels or hands on the task does so with the step; a handler follows the events of
// activities ([Processes.Register]), and brings the step to where its task is, so that it does not matter where that was
// done, or whether it is told twice. All that changes a process holds its row, so that two workers cannot open a step
// twice. Rules start processes by the step [StepStart].
package process
