/** Which person and channel the page shows, kept over a reload: the person for this tab, the channel in the address. */
export class Place {
  get userId(): string | null {
    return sessionStorage.getItem('person');
  }

  set userId(id: string | null) {
    if (id === null) sessionStorage.removeItem('person');
    else sessionStorage.setItem('person', id);
  }

  get channelId(): string | null {
    return /^#\/(\d+)$/.exec(location.hash)?.[1] ?? null;
  }

  set channelId(id: string | null) {
    history.replaceState(null, '', id === null ? location.pathname : `#/${id}`);
  }
}
