/* SPDX-License-Identifier: MIT */
/* Sets of faces in the layouts in which they are published: other pictures, the same
 * names. */
#ifndef MIEN_TESTS_DATA_FIXTURES_FACES_H
#define MIEN_TESTS_DATA_FIXTURES_FACES_H

#include "data/fixtures.h"

/* FOLDERS/ with two parts and two classes; a file that is no picture is passed over. */
static inline const char *fixture_folders(void) {
    static const char *const pictures[] = {"train/happy/a.png", "train/happy/b.jpg",
        "train/sad/a.png", "val/sad/c.bmp", "val/happy/a.png"};
    fixture_folder("FOLDERS/train/happy");
    fixture_folder("FOLDERS/train/sad");
    fixture_folder("FOLDERS/val/happy");
    fixture_folder("FOLDERS/val/sad");
    for (int i = 0; i < 5; i++) {
        char name[64];
        snprintf(name, sizeof name, "FOLDERS/%s", pictures[i]);
        fixture_bmp(name, 40, 36, (uint64_t)i + 70);
    }
    fixture_text("FOLDERS/train/sad/notes.txt", "no picture");
    return support_temp_path("FOLDERS");
}

/* FER2013/fer2013.csv with three faces; the second edition has blanks before names. */
static inline const char *fixture_fer2013(void) {
    static const char *const starts[] = {
        "3,Training,", "0,PublicTest,", "6,PrivateTest,"};
    mien_string text;
    mien_string_init(&text);
    mien_string_add(&text, "emotion, Usage, pixels\n");
    for (int r = 0; r < 3; r++) {
        mien_string_add(&text, starts[r]);
        for (int i = 0; i < 48 * 48; i++) {
            mien_string_addf(&text, "%s%d", i ? " " : "", (i * (7 + r) + 90 * r) % 256);
        }
        mien_string_add(&text, "\n");
    }
    fixture_folder("FER2013");
    fixture_text("FER2013/fer2013.csv", text.text);
    mien_string_clear(&text);
    return support_temp_path("FER2013");
}

/* RAFDB/ with three pictures, attributes of one; "test_0002" has no picture. */
static inline const char *fixture_rafdb(void) {
    static const char *const stems[] = {"train_00001", "train_00002", "test_0001"};
    fixture_folder("RAFDB/Image/aligned");
    fixture_folder("RAFDB/EmoLabel");
    fixture_folder("RAFDB/Annotation/manual");
    for (int i = 0; i < 3; i++) {
        char name[96];
        snprintf(name, sizeof name, "RAFDB/Image/aligned/%s_aligned.jpg", stems[i]);
        fixture_bmp(name, 100, 100, (uint64_t)i + 80);
    }
    fixture_text("RAFDB/EmoLabel/list_patition_label.txt",
        "train_00001.jpg 5\r\ntrain_00002.jpg 4\r\ntest_0001.jpg 7\r\ntest_0002.jpg "
        "1\r\n");
    fixture_text("RAFDB/Annotation/manual/train_00001_manu_attri.txt",
        "36.1\t42.5\n66.0\t41.9\n50.2\t60.0\n39.0\t77.5\n63.0\t78.0\n1\n0\n2\n");
    return support_temp_path("RAFDB");
}

/* CKPLUS/ with two people: one sequence with a label, one without. */
static inline const char *fixture_ckplus(void) {
    fixture_folder("CKPLUS/cohn-kanade-images/S005/001");
    fixture_folder("CKPLUS/cohn-kanade-images/S010/002");
    fixture_folder("CKPLUS/Emotion/S005/001");
    fixture_folder("CKPLUS/Emotion/S010/002");
    for (int i = 1; i <= 6; i++) {
        char name[96];
        snprintf(name, sizeof name,
            "CKPLUS/cohn-kanade-images/S005/001/S005_001_%08d.png", i);
        fixture_bmp(name, 64, 49, (uint64_t)i + 90);
        snprintf(name, sizeof name,
            "CKPLUS/cohn-kanade-images/S010/002/S010_002_%08d.png", i);
        fixture_bmp(name, 64, 49, (uint64_t)i + 100);
    }
    fixture_text(
        "CKPLUS/Emotion/S005/001/S005_001_00000006_emotion.txt", "   3.0000000e+00\n");
    fixture_text(
        "CKPLUS/Emotion/S010/002/S010_002_00000006_emotion.txt", "   7.0000000e+00\n");
    return support_temp_path("CKPLUS");
}

/* AFFWILD2/ with three files of two films: frame 2 of the first has no picture; the
 * second film is for training in one task and for validation in the other. */
static inline const char *fixture_affwild2(void) {
    static const char *const videos[] = {"1-30_left", "1-30_right", "7"};
    fixture_folder("AFFWILD2/annotations/VA_Estimation_Challenge/Train_Set");
    fixture_folder("AFFWILD2/annotations/VA_Estimation_Challenge/Validation_Set");
    fixture_folder("AFFWILD2/annotations/EXPR_Recognition_Challenge/Train_Set");
    fixture_folder("AFFWILD2/annotations/EXPR_Recognition_Challenge/Validation_Set");
    for (int i = 0; i < 9; i++) {
        char name[96];
        snprintf(name, sizeof name, "AFFWILD2/cropped_aligned/%s", videos[i / 3]);
        fixture_folder(name);
        snprintf(name, sizeof name, "AFFWILD2/cropped_aligned/%s/%05d.jpg",
            videos[i / 3], i % 3 + 1);
        if (i != 1) {
            fixture_bmp(name, 112, 112, (uint64_t)i + 130);
        }
    }
#define AFFWILD2_VA "AFFWILD2/annotations/VA_Estimation_Challenge/"
#define AFFWILD2_EXPR "AFFWILD2/annotations/EXPR_Recognition_Challenge/"
    fixture_text(AFFWILD2_VA "Train_Set/1-30_left.txt",
        "valence,arousal\n0.5,-0.25\n0.1,0.1\n-5,-5\n");
    fixture_text(AFFWILD2_EXPR "Train_Set/1-30_left.txt",
        "Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise,Other\r\n4\r\n1\r\n"
        "7\r\n");
    fixture_text(AFFWILD2_EXPR "Train_Set/1-30_right.txt",
        "Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise,Other\n-1\n0\n2\n");
    fixture_text(
        AFFWILD2_VA "Validation_Set/7.txt", "valence,arousal\n1,1\n-5,-5\n-1,0.5\n");
    fixture_text(AFFWILD2_EXPR "Train_Set/7.txt",
        "Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise,Other\n3\n3\n3\n");
    return support_temp_path("AFFWILD2");
}

/* A .npy file of one text: 0-d, of characters of four bytes. */
static inline void fixture_npy_text(const char *name, const char *text) {
    unsigned char bytes[512] = {0};
    char head[128];
    size_t n = strlen(text);
    int length = snprintf(head, sizeof head,
        "{'descr': '<U%zu', 'fortran_order': False, 'shape': (), }", n);
    memcpy(bytes, "\x93NUMPY\x01\x00", 8);
    memset(bytes + 10, ' ', 118);
    memcpy(bytes + 10, head, (size_t)length);
    bytes[8] = 118;
    bytes[127] = '\n';
    for (size_t i = 0; i < n; i++) {
        bytes[128 + 4 * i] = (unsigned char)text[i];
    }
    support_write(name, bytes, 128 + 4 * n);
}

/* AFFECTNET/ with the whole release's tables and the single values of the other. */
static inline const char *fixture_affectnet(void) {
    static const char *const whole[] = {"1/a.jpg", "1/b.jpg", "2/c.jpg"};
    static const char *const ids[] = {
        "train_set/images/10", "train_set/images/2", "val_set/images/0"};
    static const char *const values[][3] = {
        {"7", "-0.5", "0.25"}, {"0", "0.0277778", "-.1"}, {"8", "-2", "-2"}};
    const char *const labels =
        "subDirectory_filePath,face_x,face_y,face_width,"
        "face_height,facial_landmarks,expression,valence,arousal\n";
    mien_string text;
    mien_string_init(&text);
    fixture_folder("AFFECTNET/Manually_Annotated/Manually_Annotated_Images/1");
    fixture_folder("AFFECTNET/Manually_Annotated/Manually_Annotated_Images/2");
    for (int i = 0; i < 3; i++) {
        char name[128];
        snprintf(name, sizeof name,
            "AFFECTNET/Manually_Annotated/Manually_Annotated_Images/%s", whole[i]);
        fixture_bmp(name, 60, 60, (uint64_t)i + 110);
    }
    mien_string_addf(&text,
        "%s1/a.jpg,5,6,40,42,1;2;3;4,1,0.75,0.125\n1/b.jpg,-3,0,50,50,1;2;3;4,9,-2,-2\n"
        "1/gone.jpg,0,0,9,9,1;2,0,0,0\n",
        labels);
    fixture_text("AFFECTNET/training.csv", text.text);
    mien_string_clear(&text);
    mien_string_init(&text);
    mien_string_addf(&text, "%s2/c.jpg,1,1,30,30,1;2;3;4,6,-0.5,0.5\n", labels);
    fixture_text("AFFECTNET/validation.csv", text.text);
    mien_string_clear(&text);
    fixture_folder("AFFECTNET/train_set/images");
    fixture_folder("AFFECTNET/train_set/annotations");
    fixture_folder("AFFECTNET/val_set/images");
    fixture_folder("AFFECTNET/val_set/annotations");
    for (int i = 0; i < 3; i++) {
        static const char *const kinds[] = {"exp", "val", "aro"};
        char name[128], part[32];
        const char *id = strrchr(ids[i], '/') + 1;
        snprintf(name, sizeof name, "AFFECTNET/%s.jpg", ids[i]);
        fixture_bmp(name, 56, 56, (uint64_t)i + 120);
        snprintf(part, sizeof part, "%.*s", (int)strcspn(ids[i], "/"), ids[i]);
        for (int k = 0; k < 3; k++) {
            snprintf(name, sizeof name, "AFFECTNET/%s/annotations/%s_%s.npy", part, id,
                kinds[k]);
            fixture_npy_text(name, values[i][k]);
        }
    }
    return support_temp_path("AFFECTNET");
}

#endif
