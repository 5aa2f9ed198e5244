// One room, closed loop: each connection counts what it hears, and the first ones say something again whenever they
// have heard themselves. Run by loadtest/benches/beside-k6/run.
import exec from 'k6/execution';
import { Counter } from 'k6/metrics';
import { WebSocket } from 'k6/experimental/websockets';

const people = JSON.parse(open(__ENV.PEOPLE)).accounts;
const heard = new Counter('heard');
const seconds = Number(__ENV.SECONDS);

export const options = {
  scenarios: {
    room: { executor: 'per-vu-iterations', vus: people.length, iterations: 1, maxDuration: `${seconds + 20}s`, gracefulStop: '0s' },
  },
  summaryTrendStats: [],
};

export default function () {
  const mine = people[exec.vu.idInInstance - 1];
  const socket = new WebSocket(__ENV.SOCKET, null, { headers: { Cookie: mine.cookies } });
  const speaks = exec.vu.idInInstance <= Number(__ENV.IN_FLIGHT);
  const own = `~${exec.vu.idInInstance}~`;
  const frame = JSON.stringify({ content: own + 'x'.repeat(64 - own.length) });
  let count = 0;
  const say = () => socket.send(frame);
  socket.onopen = () => {
    if (speaks) {
      // Everybody is there before anybody speaks.
      setTimeout(say, 2000);
    }
    setTimeout(() => {
      heard.add(count);
      socket.close();
    }, 2000 + seconds * 1000);
  };
  socket.onmessage = (event) => {
    count += 1;
    if (speaks && event.data.includes(own)) {
      say();
    }
  };
}
