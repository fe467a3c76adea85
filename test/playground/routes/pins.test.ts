/** Pins: resources/message.mdx (Get Channel Pins, Pin Message), the permission split of 2026 (change-log.mdx). */
import { PermissionFlagsBits as P } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { ground } from '../conformance/ground.js';
import { expectRefusal, expectShape } from './shapes.js';

const here = ground();

const post = async (content = 'x') => (await here().bot('POST', '/channels/{lab}/messages', { content })).body.id as string;
const pin = (id: string) => here().bot('PUT', `/channels/{lab}/messages/pins/${id}`);
const inLab = (allow: bigint, deny = 0n) =>
  here().playground.faults.overwrite(here().ids.lab as string, here().ids.bot as string, allow, deny);

describe('pins', () => {
  it('are made, listed with their time, newest first and in pages, and taken off', async () => {
    inLab(P.PinMessages);
    const ids = [await post('1'), await post('2'), await post('3')];
    for (const id of ids) {
      expect((await pin(id)).status).toBe(204);
      await here().playground.clock.advance(1_000);
    }
    const list = await here().bot('GET', '/channels/{lab}/messages/pins?limit=2');
    expectShape('PinnedMessagesResponse', list.body);
    expect(list.body).toMatchObject({
      has_more: true,
      items: [{ message: { id: ids[2], pinned: true } }, { message: { id: ids[1] } }],
    });
    const rest = await here().bot('GET', `/channels/{lab}/messages/pins?before=${list.body.items[1].pinned_at}`);
    expect(rest.body).toMatchObject({ has_more: false, items: [{ message: { id: ids[0] } }] });
    const old = await here().bot('GET', '/channels/{lab}/pins');
    expect(old.body.map((one: { id: string }) => one.id)).toEqual(ids.toReversed());
    const channel = (await here().bot('GET', '/channels/{lab}')).body;
    expect(channel.last_pin_timestamp).toBe(list.body.items[0].pinned_at);
    expect((await here().bot('DELETE', `/channels/{lab}/messages/pins/${ids[2]}`)).status).toBe(204);
    expect((await here().bot('DELETE', `/channels/{lab}/pins/${ids[1]}`)).status).toBe(204);
    expect((await here().bot('GET', '/channels/{lab}/pins')).body).toHaveLength(1);
    expect((await here().bot('GET', `/channels/{lab}/messages/${ids[2]}`)).body.pinned).toBe(false);
    inLab(0n);
  });

  it('message.mdx, Message Types: a system message of type 6 names what was pinned, once, and cannot be pinned itself', async () => {
    inLab(P.PinMessages);
    const id = await post();
    await pin(id);
    await pin(id);
    const notices = here()
      .playground.messages('agents-lab')
      .filter((one) => one.type === 6 && one.message_reference?.message_id === id);
    expect(notices).toHaveLength(1);
    expectShape('MessageResponse', notices[0]);
    expectRefusal(await pin(notices[0]?.id ?? ''), 403, 50021);
    inLab(0n);
  });

  it('change-log.mdx 2026-02-23: Manage Messages is not enough, Pin Messages is', async () => {
    const id = await post();
    inLab(P.ManageMessages);
    expectRefusal(await pin(id), 403, 50013);
    expectRefusal(await here().bot('PUT', `/channels/{lab}/pins/${id}`), 403, 50013);
    inLab(P.PinMessages);
    expect((await here().bot('PUT', `/channels/{lab}/pins/${id}`)).status).toBe(204);
    expectRefusal(await pin('{none}'), 404, 10008);
    inLab(0n, P.ReadMessageHistory);
    expect((await here().bot('GET', '/channels/{lab}/messages/pins')).body).toEqual({ items: [], has_more: false });
    inLab(0n);
  });

  it('opcodes 30003: a channel has so many pins and no more', async () => {
    const { limits } = here().playground;
    const before = limits.pinsPerChannel;
    inLab(P.PinMessages);
    const count = (await here().bot('GET', '/channels/{lab}/pins')).body.length;
    limits.pinsPerChannel = count + 1;
    expect((await pin(await post())).status).toBe(204);
    expectRefusal(await pin(await post()), 400, 30003);
    limits.pinsPerChannel = before;
    inLab(0n);
  });

  it('are what discord.js makes of them', async () => {
    inLab(P.PinMessages);
    const channel = await here().client.channels.fetch(here().ids.lab as string);
    if (!channel?.isSendable()) throw new Error('no channel');
    const message = await channel.send('pin this');
    await message.pin();
    const { items } = await channel.messages.fetchPins();
    expect(items[0]?.message.id).toBe(message.id);
    await message.unpin();
    expect((await message.fetch(true)).pinned).toBe(false);
    inLab(0n);
  });
});
