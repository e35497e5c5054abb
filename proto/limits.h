/* Every cap on what a peer can grow, in one place. Units come last in the names.
 * Source: DESIGN section 8; the wire rules that cite them stand in SPEC.md. */
#ifndef PL_LIMITS_H
#define PL_LIMITS_H

/* numbers on the wire: integers a JavaScript double holds exactly */
#define PL_U53_MAX ((UINT64_C(1) << 53) - 1)

/* messages */
#define PL_FRAME_BYTES_MAX (256u * 1024u)      /* one WebSocket message from a client */
#define PL_FRAGMENTS_MAX 64u                   /* fragments of one message */
#define PL_DEPTH_MAX 16u                       /* nesting of a MessagePack value */
#define PL_SNAPSHOT_CHUNK_BYTES (64u * 1024u)  /* one SNAPSHOT_CHUNK's payload */
#define PL_PRESENCE_BYTES_MAX 4096u            /* one client's presence state */
#define PL_PRESENCE_PER_S 30u                  /* per session; more are dropped */
#define PL_NAME_BYTES_MAX 96u                  /* a guest's display name, UTF-8 */

/* batches and objects */
#define PL_BATCH_OPS_MAX 4096u
#define PL_BATCH_BYTES_SOFT (192u * 1024u)     /* a client splits a gesture above this */
#define PL_VALUE_BYTES_MAX (128u * 1024u)      /* one register's encoded value: 20,000 points of a stroke */
#define PL_OBJECT_FIELDS_MAX 64u
#define PL_OBJECTS_MAX 50000u                  /* living and dead, per document */
#define PL_PERSONS_MAX 10000u                  /* of these, people the server notes: joining must not fill a board */
#define PL_TEXT_SCALARS_MAX 32768u             /* visible scalars in one text */
#define PL_TEXT_IDS_MAX (1u << 20)             /* ids ever made in one text, tombstones included */
#define PL_BATCH_WORK_MAX (1u << 20)           /* runs of texts one batch makes us look at: some tens of milliseconds */
#define PL_DELETE_RANGES_MAX 4096u
#define PL_ORDER_BYTES_MAX 64u
#define PL_TITLE_BYTES_MAX 512u
#define PL_URL_BYTES_MAX 2048u
#define PL_IDS_MAX 1024u                       /* ids in one value */
#define PL_TALLIES_MAX 16384u                  /* registers in one object's tallies: (user, sub) pairs */
#define PL_MARKS_MAX 1024u                     /* marks in one text */
#define PL_MARK_BYTES_MAX 2056u                /* one mark's encoded value: a URL */
#define PL_SKIP_MAX 32768u                     /* counters one op may pass over */
#define PL_COORD_MAX 1.0e9                     /* absolute board coordinates and sizes */
#define PL_LAM_AHEAD_MAX (1u << 20)            /* lam0 above the board's highest: `clock` */
#define PL_REPLICAS_MAX (1u << 20)             /* replica rows per document */
#define PL_UNDO_ENTRIES_MAX 500u               /* gestures a tab can take back */
#define PL_UNDO_BYTES_MAX (512u * 1024u)       /* what they may take, the newest few aside */
#define PL_REPLICA_ISSUED_MAX 0x7fffffffu      /* above: provisional, made up by a client that is offline */

/* per session: the server stops reading the socket beyond these, it never refuses */
#define PL_BATCHES_PER_S 30u
#define PL_BATCHES_BURST 200u
#define PL_PASTS_PER_S 2u                      /* states of the past; more are answered `limit` */
#define PL_PASTS_BURST 10u
#define PL_BYTES_PER_S (128u * 1024u)
#define PL_BYTES_BURST (2u * 1024u * 1024u)
#define PL_WAITING_BYTES_MAX (1024u * 1024u)   /* to one member, before the slow-reader ladder */

/* time */
#define PL_HEADER_MS_MAX 5000u
#define PL_HELLO_MS_MAX 5000u
#define PL_DEAD_MS 60000u                      /* no inbound frame for so long: closed */
#define PL_PING_MS 15000u                      /* a client's heartbeat */
#define PL_TICKET_MS 30000u                    /* a ticket's life, single use */

/* HTTP */
#define PL_BODY_MS_MAX 10000u                  /* from a request's headers to its body's last byte */
#define PL_HTTP_BODY_BYTES_MAX (64u * 1024u)   /* API request bodies, media routes aside */
#define PL_UPLOAD_BYTES_MAX (1024u * 1024u)    /* and those of media routes, of who may */
#define PL_BODIES_BYTES_MAX (128u * 1024u * 1024u) /* of all bodies that are coming at once; more are answered `limit` */
#define PL_TOKEN_BYTES_MAX 256u

/* talk-tracks */
#define PL_TRACK_CHUNK_BYTES_MAX (1024u * 1024u)        /* one uploaded piece of a recording */
#define PL_TRACK_BYTES_MAX (500u * 1024u * 1024u)       /* all of a track's segments */
#define PL_TRACK_MS_MAX (60u * 60u * 1000u)
#define PL_TRACK_SEGMENTS_MAX 64u
#define PL_TRACK_PAUSES_MS_MAX (24u * 3600u * 1000u)    /* of one segment, as far as the journal is kept for it */
#define PL_TRACK_TIMELINE_BYTES_MAX (16u * 1024u * 1024u) /* of one segment */
#define PL_TRACK_CHUNKS_MAX 16384u                       /* of all its streams: a recorder sends two a second for an hour */
#define PL_TRACK_CAPTIONS_BYTES_MAX (1024u * 1024u)
#define PL_TRACK_COVER_BYTES_MAX (1024u * 1024u)
#define PL_TRACK_CHAPTERS_MAX 200u
#define PL_TRACK_CUTS_MAX 200u
#define PL_TRACK_ANCHORS_MAX 16u                         /* objects that one viewport keyframe names */
#define PL_TRACKS_MAX 200u                               /* of one board */
#define PL_BOARD_MEDIA_BYTES_MAX (UINT64_C(2) << 30)     /* of one board */
#define PL_TRACK_GRACE_MS (UINT64_C(7) * 24 * 3600 * 1000) /* a deleted track can be taken back for so long */
#define PL_TRACK_UNFINISHED_MS (UINT64_C(30) * 24 * 3600 * 1000) /* one that is not finished goes when nothing came for so long */

#endif
