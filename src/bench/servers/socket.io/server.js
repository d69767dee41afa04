// Rooms as channels, over WebSocket alone, with what Socket.IO's page on performance recommends: the
// native add-ons of ws, and no reference to each client's first request.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const http = createServer();
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false });
io.engine.on('connection', connection => {
  connection.channel = connection.request._query.channel;
  connection.request = null;
});
io.on('connection', socket => {
  if (socket.conn.channel) socket.join(socket.conn.channel);
  socket.on('publish', (to, data) => io.to(to).emit('message', data));
});
http.listen({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 4096 });
