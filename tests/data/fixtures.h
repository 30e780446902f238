/* SPDX-License-Identifier: MIT */
/* Small data sets as they are published, made in the temporary folder. */
#ifndef MIEN_TESTS_DATA_FIXTURES_H
#define MIEN_TESTS_DATA_FIXTURES_H

#include "support/support.h"

#include "mien/data.h"

#include <stdio.h>
#include <string.h>

/* Writes a 24-bit BMP of noise drawn from seed; seeds apart give pictures that do not
 * look alike. */
static inline void fixture_bmp(const char *name, int width, int height, uint64_t seed) {
    static uint8_t bytes[54 + 3 * 128 * 128];
    int stride = (3 * width + 3) / 4 * 4;
    uint32_t head[] = {(uint32_t)(54 + stride * height), 0, 54, 40, (uint32_t)width,
        (uint32_t)height, 1 | 24 << 16, 0, (uint32_t)(stride * height), 0, 0, 0, 0};
    assert_true(54 + stride * height <= (int)sizeof bytes);
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, "BM", 2);
    memcpy(bytes + 2, head, 52);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < 3 * width; x++) {
            mien_stream s; /* coarse patches, so that small changes stay small */
            mien_stream_init(
                &s, seed, (uint64_t)(y * 8 / height), (uint64_t)(x / 3 * 9 / width));
            bytes[54 + y * stride + x] = (uint8_t)(mien_stream_word(&s) >> 56);
        }
    }
    support_write(name, bytes, (size_t)(54 + stride * height));
}

static inline void fixture_text(const char *name, const char *text) {
    support_write(name, text, strlen(text));
}

static inline void fixture_folder(const char *name) {
    assert_good(mien_directory_make(support_temp_path(name)));
}

/* OASIS/ with four rows and three pictures: "Dog 2" is missing. */
static inline const char *fixture_oasis(void) {
    fixture_folder("OASIS/images");
    fixture_text("OASIS/OASIS.csv",
        ",Theme,Category,Source,Valence_mean,Valence_SD,Valence_N,Arousal_mean,Arousal_"
        "SD,"
        "Arousal_N\r"
        "I1,Dog 1,Animal,Flickr/A. Name,6.5,0.5,100,4.25,1.5,101\r"
        "I2,Dog 2,Animal,Pixabay,5.5,0.5,100,3.25,1.5,101\r"
        "I5,Fire 10 ,Scenery,Pixabay,2.125,1.5,99,5.5,1.25,102\r"
        "I9,Lonely,Person,\"Wiki, pedia\",3,1,98,2,1,97\r");
    fixture_bmp(
        "OASIS/images/Dog 1.jpg", 40, 36, 1); /* the name does not say what is inside */
    fixture_bmp("OASIS/images/Fire 10.jpg", 40, 36, 2);
    fixture_bmp("OASIS/images/Lonely.bmp", 40, 36, 3);
    return support_temp_path("OASIS");
}

/* GAPED/ as published: a picture or two of each kind. A004 has no picture, N099 no
 * rating. */
static inline const char *fixture_gaped(void) {
    static const char *const pictures[] = {"A/A001", "A/A002", "H/H012", "N/N010",
        "N/N099", "P/P005", "Sn/Sn010", "Sp/Sp036"};
    static const char *const folders[] = {"A", "H", "N", "P", "Sn", "Sp"};
    char name[64];
    for (int i = 0; i < 6; i++) {
        snprintf(name, sizeof name, "GAPED/%s", folders[i]);
        fixture_folder(name);
    }
    for (int i = 0; i < 8; i++) {
        snprintf(name, sizeof name, "GAPED/%s.bmp", pictures[i]);
        fixture_bmp(name, 40, 36, (uint64_t)i);
    }
    fixture_text("GAPED/A.txt", "\tValence\tArousal\tInternal norms\tExternal norms\n"
                                "A001.jpg\t2.553\t74.995\t12.289429\t16.409175\n"
                                "A002.jpg\t45.698\t56.948\t75.412445\t78.690491\n"
                                "A004.jpg\t36.197\t55.567\t40.215111\t63.345528\n");
    fixture_text("GAPED/A_with SD.txt", "\tValence\t(SD)\t\tArousal\t(SD)\t\tInternal "
                                        "norms\t(SD)\t\tExternal norms\t(SD)\n"
                                        "A001.jpg\t2.553\t(5.43)\t\t74.995\t(20.1)"
                                        "\t\t12.289429\t(1.5)\t\t16.409175\t(2)\n"
                                        "A002.jpg\t45.698\t(15.4)\t\t56.948\t(21.1)"
                                        "\t\t75.412445\t(2.5)\t\t78.690491\t(3)\n");
    fixture_text("GAPED/H.txt", "\tValence\tArousal\tInternal norms\tExternal norms\n"
                                "H012.jpg\t14.5\t60\tn/a\t5\n");
    fixture_text("GAPED/N.txt", "\tValence\tArousal\r\nN010.jpg\t50\t20\r\n");
    fixture_text("GAPED/P.txt", "\tValence\tArousal\nP005.jpg\t90.5\t10\n\n");
    fixture_text("GAPED/Sn_with SD.txt",
        "\tValence\t(SD)\t\tArousal\t(SD)\nSn010.jpg\t50.25\t(5)\t\t60.5\t( 6 )\n");
    fixture_text("GAPED/Sp.txt", "\tValence\tArousal\nSp036.jpg\t20\t70\n");
    return support_temp_path("GAPED");
}

/* BBOE-set/BBOE as S1 has it: videos in two cases of letters, two frames of one, blanks
 * and tabs between cells, a rating that is missing, a video without a picture, and, of
 * our own layout, features of films and of one person's skin. */
static inline const char *fixture_bboe(void) {
    static const char *const frames[] = {
        "a/x/dog_late.jpg", "a/x/dog_early.jpg", "a/y/Fire_1.jpg", "b/x/sea.bmp"};
    char name[128];
    fixture_folder("BBOE-set/BBOE/VideoInformation/SummaryFrames/a/x");
    fixture_folder("BBOE-set/BBOE/VideoInformation/SummaryFrames/a/y");
    fixture_folder("BBOE-set/BBOE/VideoInformation/SummaryFrames/b/x");
    fixture_folder("BBOE-set/BBOE/VideoInformation/Features");
    fixture_folder("BBOE-set/BBOE/Behavioral/Participant_001/s1");
    fixture_folder("BBOE-set/BBOE/Behavioral/Participant_001/s2");
    fixture_folder("BBOE-set/BBOE/Behavioral/Participant_006/s1");
    fixture_folder("BBOE-set/BBOE/Physiology/Participant_006");
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "BBOE-set/BBOE/VideoInformation/SummaryFrames/%s",
            frames[i]);
        fixture_bmp(name, 40, 36, (uint64_t)i + 900);
    }
    fixture_text("BBOE-set/BBOE/Behavioral/Participant_001/s1/NSFScannerTask_a.txt",
        "onset  video\tvalence_rating\n 1 Dog_a.mp4   0\n2 FIRE.mp4 NaN\n3 sea.mov "
        "2\n");
    fixture_text("BBOE-set/BBOE/Behavioral/Participant_001/s2/NSFScannerTask",
        "onset video valence_rating\r\n9 fire_b.mp4 3\r\n10 owl_b.mp4 1\r\n");
    fixture_text("BBOE-set/BBOE/Behavioral/Participant_001/s2/notes.txt", "no log\n");
    fixture_text("BBOE-set/BBOE/Behavioral/Participant_006/s1/NSFScannerTask.log",
        "video valence_rating\ndog_z.mp4 4\nsea_z.mp4 1.0\n");
    fixture_text("BBOE-set/BBOE/VideoInformation/Features/film.csv",
        ",cuts,motion\nsea,1.5,2\ndog,3,4.5\nfire,5,6\n");
    fixture_text(
        "BBOE-set/BBOE/Physiology/Participant_006/skin.csv", ",change\ndog,0.25\n");
    return support_temp_path("BBOE-set");
}

/* run/ as training leaves it, of two seeds, over the imported OASIS/. */
static inline const char *fixture_predictions(void) {
    const mien_importer *set = NULL;
    char path[4096], json[4200];
    const char *oasis = fixture_oasis();
    fixture_folder("predicted/run");
    snprintf(path, sizeof path, "%s", support_temp_path("predicted/oasis.tsv"));
    assert_good(mien_importer_find("oasis", &set));
    mien_log_set(NULL, NULL);
    assert_good(mien_importer_run(set, oasis, NULL, path));
    snprintf(json, sizeof json, "{\"version\": 1, \"trials\": \"%s\"}\n", path);
    fixture_text("predicted/run/run.json", json);
    fixture_text("predicted/run/predictions.csv",
        "trial,fold,seed,valence_truth,valence_prediction,arousal_prediction\n"
        "I1,0,1,6.5,5,4\nI9,1,1,3,2,4\nI1,0,2,6.5,6,5\nI9,1,2,3,2,5\n");
    return support_temp_path("predicted/run");
}

/* FERPLUS/ with six faces, two of them the same; the table has one twice, one without a
 * name and one that is not there. */
static inline const char *fixture_ferplus(void) {
    static const char *const pictures[] = {"train/fer0000001", "train/fer0000002",
        "train/fer0000008", "validation/fer0000012", "test/fer0000020",
        "train/fer0000003"};
    char name[64];
    fixture_folder("FERPLUS/images/train");
    fixture_folder("FERPLUS/images/validation");
    fixture_folder("FERPLUS/images/test");
    for (int i = 0; i < 6; i++) {
        snprintf(name, sizeof name, "FERPLUS/images/%s.png", pictures[i]);
        fixture_bmp(name, 48, 48, (uint64_t)(i % 5) + 50);
    }
    fixture_text("FERPLUS/fer2013new.csv",
        "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,"
        "contempt,unknown,NF\r\n"
        "Training,fer0000001.png,6,0,1,1,0,0,0,0,2,0\r\n"
        "Training,fer0000002.png,3,0,0,3,1,0,2,0,1,0\r\n"
        "Training,fer0000003.png,6,0,0,0,0,0,4,0,0,0\r\n"
        "Training,fer0000008.png,0,0,0,0,0,0,0,0,0,10\r\n"
        "Training,,0,0,0,0,0,0,0,0,0,10\r\n"
        "Training,fer0000002.png,3,0,0,3,1,0,2,0,1,0\r\n"
        "Training,fer0000009.png,0,10,0,0,0,0,0,0,0,0\r\n"
        "PublicTest,fer0000012.png,0,10,0,0,0,0,0,0,0,0\r\n"
        "PrivateTest,fer0000020.png,0,0,8,0,0,0,2,0,0,0\r\n");
    return support_temp_path("FERPLUS");
}

/* PICTURES/ as an experiment leaves it: frames two folders deep, ratings of two people
 * of films by name; "cat" has no picture, one row no rating. */
static inline const char *fixture_pictures(void) {
    fixture_folder("PICTURES/frames/a");
    fixture_folder("PICTURES/frames/b");
    fixture_bmp("PICTURES/frames/a/Dog_first.bmp", 40, 36, 11);
    fixture_bmp("PICTURES/frames/b/dog_second.bmp", 40, 36, 12);
    fixture_bmp("PICTURES/frames/b/Bee.bmp", 40, 36, 13);
    fixture_bmp("PICTURES/frames/Fire_x.bmp", 40, 36, 14);
    fixture_text("PICTURES/ratings.csv", "video,person,valence\n"
                                         "Dog_first.mp4,p1,0.5\nbee.mp4,p1,-0.25\n"
                                         "dog_first.mp4,p2,1\nBEE.mp4,p2,\n"
                                         "cat.mp4,p2,0.125\nfire_x.mp4,p2,-1\n");
    return support_temp_path("PICTURES");
}

/* BIDS/: two people, a run each, pictures in stimuli/. The .gz files are plain text,
 * which the reader takes too. */
static inline const char *fixture_bids(void) {
    fixture_folder("BIDS/stimuli");
    fixture_text("BIDS/dataset_description.json", "{\"Name\":\"x\"}");
    fixture_text("BIDS/task-a_physio.json",
        "{\"Columns\":[\"scr\"],\"StartTime\":0,\"SamplingFrequency\":4,"
        "\"scr\":{\"Units\":\"uS\"}}");
    fixture_bmp("BIDS/stimuli/a.bmp", 40, 36, 1);
    fixture_bmp("BIDS/stimuli/b.bmp", 40, 36, 2);
    for (int p = 1; p <= 2; p++) {
        char name[96];
        snprintf(name, sizeof name, "BIDS/sub-%d/beh", p);
        fixture_folder(name);
        snprintf(
            name, sizeof name, "BIDS/sub-%d/beh/sub-%d_task-a_physio.tsv.gz", p, p);
        fixture_text(name, "1\n2\nn/a\n3\n");
        snprintf(name, sizeof name, "BIDS/sub-%d/beh/sub-%d_task-a_events.tsv", p, p);
        fixture_text(name, "onset\tduration\ttrial_type\tstim_file\tvalence\tarousal\n"
                           "0.25\t0.5\tpicture\ta.bmp\t6\t4\n"
                           "0.5\tn/a\tanswer\tn/a\tn/a\tn/a\n"
                           "1\t0.5\tpicture\tb.bmp\t2\t7\n");
    }
    return support_temp_path("BIDS");
}

/* LAB/: EyeLink files of two people, with messages, and labels. */
static inline const char *fixture_recordings(void) {
    fixture_folder("LAB/ann");
    fixture_folder("LAB/bob");
    static const char asc[] =
        "** CONVERTED FROM x.edf\nSTART\t100 \tLEFT\tSAMPLES\n"
        "SAMPLES\tGAZE\tLEFT\tRATE\t 500.00\n100\t1\t2\t300\t...\nMSG\t102 dog\n"
        "102\t1\t2\t301\t...\nMSG\t104 cat\n104\t1\t2\t301\t...\nEND\t106\n";
    fixture_text("LAB/ann/s1.asc", asc);
    fixture_text("LAB/bob/s2.asc", asc);
    fixture_text("LAB/labels.csv",
        "recording,number,valence,arousal\ns1,1,3,5\ns1,2,4,6\ns2,1,1,7\n");
    return support_temp_path("LAB");
}

static inline void fixture_epoch(const char *name, int rows) {
    static char text[64 * 1024];
    int at = snprintf(text, sizeof text,
        ",TIME(2023/01/31 12:00:00.250),FPOGX,FPOGY,FPOGID,FPOGV,LPMM,LPMMV,RPMM,RPMMV,"
        "GSR,GSRV,HR,HRV,Image,Arousal,Valence\n");
    for (int i = 0; i < rows; i++) {
        at += snprintf(text + at, sizeof text - (size_t)at,
            "%d,%.5f,0.5,0.4,%d,%d,3.1,1,3.2,1,%d,1,80,1,Images/x.jpg,4,6\n", i,
            2 + i * 0.016336, 200 + i / 20, i % 50 != 7, 250000 + i);
    }
    support_write(name, text, (size_t)at);
}

/* EmoEye/ with epochs of two people; a picture's case differs, one is missing. */
static inline const char *fixture_emoeye(void) {
    fixture_folder("EmoEye/Images");
    fixture_folder("EmoEye/prep_data/epochs/0");
    fixture_folder("EmoEye/prep_data/epochs/12");
    fixture_bmp("EmoEye/Images/dog 7.jpg", 40, 36, 1);
    fixture_bmp("EmoEye/Images/sheep 1.jpg", 40, 36, 2);
    fixture_epoch("EmoEye/prep_data/epochs/0/0_dog 7_4_6.csv", 301);
    fixture_epoch("EmoEye/prep_data/epochs/0/1_Sheep 1_5_1.csv", 301);
    fixture_epoch("EmoEye/prep_data/epochs/12/0_Sheep 1_1_7.csv", 301);
    fixture_epoch("EmoEye/prep_data/epochs/12/1_nowhere_2_3.csv", 301);
    return support_temp_path("EmoEye");
}

#endif
