-- The tables that Django's migrations make (INTEROP §9.1), to the letter, so that `migrate --fake-initial` accepts them.
CREATE TABLE "chat_user" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "password" varchar(128) NOT NULL, "last_login" datetime NULL, "is_superuser" bool NOT NULL, "username" varchar(150) NOT NULL UNIQUE, "first_name" varchar(150) NOT NULL, "last_name" varchar(150) NOT NULL, "email" varchar(254) NOT NULL, "is_staff" bool NOT NULL, "is_active" bool NOT NULL, "date_joined" datetime NOT NULL, "user_type" varchar(10) NOT NULL);
CREATE TABLE "chat_chat" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(255) NOT NULL, "created_at" datetime NOT NULL);
CREATE TABLE "chat_chat_participants" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "chat_id" bigint NOT NULL REFERENCES "chat_chat" ("id") DEFERRABLE INITIALLY DEFERRED, "user_id" bigint NOT NULL REFERENCES "chat_user" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "chat_message" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "content" text NOT NULL, "timestamp" datetime NOT NULL, "chat_id" bigint NOT NULL REFERENCES "chat_chat" ("id") DEFERRABLE INITIALLY DEFERRED, "sender_id" bigint NOT NULL REFERENCES "chat_user" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE UNIQUE INDEX "chat_chat_participants_chat_id_user_id_69c2a5ac_uniq" ON "chat_chat_participants" ("chat_id", "user_id");
CREATE INDEX "chat_chat_participants_chat_id_c4383b55" ON "chat_chat_participants" ("chat_id");
CREATE INDEX "chat_chat_participants_user_id_581344a5" ON "chat_chat_participants" ("user_id");
CREATE INDEX "chat_message_chat_id_21483fa7" ON "chat_message" ("chat_id");
CREATE INDEX "chat_message_sender_id_991c686c" ON "chat_message" ("sender_id");
CREATE TABLE "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY, "session_data" text NOT NULL, "expire_date" datetime NOT NULL);
CREATE INDEX "django_session_expire_date_a5c62663" ON "django_session" ("expire_date");
-- belong to the custom user as well (M2M of AbstractUser):
CREATE TABLE "chat_user_groups" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "user_id" bigint NOT NULL REFERENCES "chat_user" ("id") DEFERRABLE INITIALLY DEFERRED, "group_id" integer NOT NULL REFERENCES "auth_group" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "chat_user_user_permissions" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "user_id" bigint NOT NULL REFERENCES "chat_user" ("id") DEFERRABLE INITIALLY DEFERRED, "permission_id" integer NOT NULL REFERENCES "auth_permission" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE UNIQUE INDEX "chat_user_groups_user_id_group_id_b44ee6ad_uniq" ON "chat_user_groups" ("user_id", "group_id");
CREATE INDEX "chat_user_groups_user_id_3784c6c8" ON "chat_user_groups" ("user_id");
CREATE INDEX "chat_user_groups_group_id_79acbd29" ON "chat_user_groups" ("group_id");
CREATE UNIQUE INDEX "chat_user_user_permissions_user_id_permission_id_94176845_uniq" ON "chat_user_user_permissions" ("user_id", "permission_id");
CREATE INDEX "chat_user_user_permissions_user_id_5b7ea77b" ON "chat_user_user_permissions" ("user_id");
CREATE INDEX "chat_user_user_permissions_permission_id_3e59ce8b" ON "chat_user_user_permissions" ("permission_id");
