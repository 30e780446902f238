/* SPDX-License-Identifier: MIT */
/* A small HTTP server in a process of its own, for downloads: one file under paths that
 * misbehave in different ways. */
#ifndef MIEN_TESTS_MODELS_SERVER_H
#define MIEN_TESTS_MODELS_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct server {
    pid_t process;
    int port;
} server;

static inline void server_send(int client, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = send(client, bytes, count, MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        bytes += sent;
        count -= (size_t)sent;
    }
}

/* /good   the file, ranges understood
 * /whole  the file, ranges ignored
 * /cut    ranges understood, but at most a third of the file in one answer
 * /moved  a redirection to /good
 * other   404 */
static inline void server_answer(int client, const char *body, size_t count) {
    char request[4096], head[256];
    ssize_t got = recv(client, request, sizeof request - 1, 0);
    request[got > 0 ? got : 0] = 0;
    bool whole = strncmp(request, "GET /whole", 10) == 0;
    bool cut = strncmp(request, "GET /cut", 8) == 0;
    if (strncmp(request, "GET /moved", 10) == 0) {
        snprintf(head, sizeof head,
            "HTTP/1.1 302 Found\r\nLocation: /good\r\nContent-Length: 0\r\n"
            "Connection: close\r\n\r\n");
        server_send(client, head, strlen(head));
        return;
    }
    if (!whole && !cut && strncmp(request, "GET /good", 9) != 0) {
        snprintf(head, sizeof head,
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        server_send(client, head, strlen(head));
        return;
    }
    const char *range = strstr(request, "Range: bytes=");
    size_t first = range && !whole ? (size_t)atoll(range + 13) : 0;
    if (first >= count) {
        snprintf(head, sizeof head,
            "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n"
            "Connection: close\r\n\r\n");
        server_send(client, head, strlen(head));
        return;
    }
    snprintf(head, sizeof head,
        "HTTP/1.1 %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
        first > 0 ? "206 Partial Content" : "200 OK", count - first);
    server_send(client, head, strlen(head));
    size_t most = cut && count / 3 < count - first ? count / 3 : count - first;
    server_send(client, body + first, most);
}

static inline bool server_start(server *s, const char *body, size_t count) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0 ||
        listen(listener, 8) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
        return false;
    }
    s->port = ntohs(address.sin_port);
    s->process = fork();
    if (s->process == 0) {
        for (;;) {
            int client = accept(listener, NULL, NULL);
            if (client >= 0) {
                server_answer(client, body, count);
                close(client);
            }
        }
    }
    close(listener);
    return s->process > 0;
}

static inline void server_stop(server *s) {
    if (s->process > 0) {
        kill(s->process, SIGKILL);
        waitpid(s->process, NULL, 0);
    }
}

#endif
