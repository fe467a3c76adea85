/** What can be rendered: the public face of this folder. */
export { type BatchCardView, renderBatchCard } from './batch-card.js';
export { type BoardView, renderBoard } from './board.js';
export { type CompletionView, renderCompletions, renderDigest } from './completions.js';
export { type DetailsView, renderDetails } from './details.js';
export { lookOf, PRIORITY_LOOKS, STATUS_LOOKS, WAITING_LOOKS } from './looks.js';
export { bar, type CardFile, count, duration, errorLine, messageLink, NO_PINGS, person, type Rendered, stamp } from './parts.js';
export { renderTaskCard, type TaskCardView } from './task-card.js';
export { block, cut, line, markdown, shortId } from './text.js';
