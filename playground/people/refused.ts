/** Discord's client would not let this person do that. The message says why. */
export class Refused extends Error {
  override readonly name = 'Refused';
}
